import Foundation
import Glibc
import Runs
import Stopping
import SystemPackage
import Testing
import Training

/// A recorded run with requests to stop that can be brought about again.
protocol ExitReplay: Sendable {
    /// What is compared.
    associatedtype Outcome: Equatable, Sendable

    init(_ traceCase: TraceCase)

    /// What MindSpore did.
    var recorded: Outcome { get }

    /// What Lockstep does.
    func replay() throws -> Outcome
}

/// Replays every case of a file, or tests what is listed for it.
func replayAll<Replay: ExitReplay>(
    _ file: TraceFile, as type: Replay.Type, differences: [String: ExitDifference<Replay.Outcome>],
    notExpressible: [String: String]
) async throws {
    let cases = file.cases()
    let checks = differences.mapValues { expected in
        DeliberateDifference(expected.reason) {
            let replay = Replay(try #require(cases.first { $0.name == expected.name }))
            let outcome = try replay.replay()
            #expect(outcome == expected.outcome, "\(expected.name)")
            #expect(outcome != replay.recorded, "\(expected.name) is no difference")
        }
    }
    try await replayAll(file.name, cases, deliberateDifferences: checks, notExpressible: notExpressible) { traceCase in
        let replay = Replay(traceCase)
        let outcome = try replay.replay()
        #expect(outcome == replay.recorded, "\(traceCase.name)")
        return true
    }
}

/// A case in which Lockstep stops elsewhere.
struct ExitDifference<Outcome: Sendable>: Sendable {
    let name: String
    let reason: String
    let outcome: Outcome

    init(_ name: String, _ reason: ExitReason, _ outcome: Outcome) {
        self.name = name
        self.reason = reason.rawValue
        self.outcome = outcome
    }
}

/// Why a run stops elsewhere than MindSpore's.
enum ExitReason: String {
    case noVariable = "No environment variable is needed."
    case noStepMore = "The run stops after the step under way, not one later."
    case notWithdrawn = "What the file said during a step counts, even if it says otherwise after it."
    case noObject = "A file that is no JSON object is ignored and does not end the run."
    case otherJSON = "A comma or a mark too many is read over, and of two equal keys the first counts."
    case evaluationToo = "The file stops an evaluation too."
    case noValidation = "A validation is neither begun nor gone on with."
    case oneRank = "A request to one rank stops all, after the step under way."
    case ownReduction = "The ranks agree by a reduction that every machine has."
    case carriesOn = "The second run carries on after the step at which the first one stopped."
    case notSaved = "What was asked is not saved among the weights: the second run stops like the first, on all ranks."
}

/// A folder for the files of one replay.
final class ExitFolder: Sendable {
    let path: FilePath

    init(_ files: [String: JSON]) throws {
        path = FilePath(NSTemporaryDirectory()).appending("exit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        for (name, text) in files { try write(text.string ?? "", to: name) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    /// The files with a state.
    func checkpoints() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path.string).filter { $0.hasSuffix(".ckpt") }.sorted()
    }

    /// Does what a trigger of the traces says: writes a file, or sends a signal.
    func perform(_ trigger: JSON, signal: Int32) throws {
        guard trigger["act"].string != "write" else {
            return try write(trigger["text"].string ?? "", to: trigger["file"].string ?? "")
        }
        // Another thread may get it: this waits until it has come.
        let watch = try SignalWatch([signal])
        kill(getpid(), signal)
        while watch.received == nil { sched_yield() }
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path.appending(name).string))
    }
}
