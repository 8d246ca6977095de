import Checkpoints
import Files
import Foundation
import Goodput
import Stopping
import SystemPackage

/// What a run in a directory has left for a plan: its ranks and hosts, how large its state is, how long a step and a save take.
struct MeasuredRun {
    private let ranks: Int
    private let ranksPerHost: Int?
    private let stateBytes: Double
    private let step: (seconds: Double, source: String)?
    private let saveSeconds: Double?

    /// Reads the newest set, the status and the history.
    ///
    /// - Throws: ``MeasuredRunError`` if there is no set.
    init(in directory: FilePath, history: String?) throws {
        let sets: [Manifest]
        do {
            sets = try CheckpointDirectory(directory).list().manifests
        } catch {
            throw MeasuredRunError(description: "\(directory.text) cannot be read: \(error)")
        }
        guard let newest = sets.first else {
            throw MeasuredRunError(
                description: "\(directory.text) has no checkpoint; --from needs the directory of a run that has saved")
        }
        let status = RunStatus.read(in: directory)
        ranks = newest.worldSize
        ranksPerHost = status.flatMap(Self.ranksPerHost)
        stateBytes = Self.stateBytes(of: newest)
        let path = history.map { FilePath(text: $0) } ?? directory.appending("history.jsonl")
        let lines = try Self.stepSeconds(
            in: path, isNamed: history != nil, globalBatch: newest.checkpoint.progress.globalBatch)
        step =
            lines.map { ($0, "its history") } ?? Self.stepSeconds(between: sets).map { ($0, "the times of its sets") }
        saveSeconds = status?.secondsToPublish.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
    }

    private static func ranksPerHost(_ status: RunStatus) -> Int? {
        let hosts = Set(status.processes.map(\.host)).count
        return hosts == 0 ? nil : (status.processes.count + hosts - 1) / hosts
    }

    /// Each part once: of replicas, one.
    private static func stateBytes(of set: Manifest) -> Double {
        let bytes = Double(OutsideNumber.sum(set.files.filter { $0.role == .state }.map(\.byteCount)))
        return set.checkpoint.kind == .replicated ? bytes / Double(set.worldSize) : bytes
    }

    /// The median of a step, from the speeds in a history; nil if there is none.
    private static func stepSeconds(in path: FilePath, isNamed: Bool, globalBatch: Int) throws -> Double? {
        guard let bytes = try? LocalFileSystem().contents(of: path, limit: 1 << 30) else {
            guard isNamed else { return nil }
            throw MeasuredRunError(description: "\(path.text) cannot be read; --history must be that of the run")
        }
        let decoder = JSONDecoder()
        let speeds = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            (try? decoder.decode(HistoryLine.self, from: Data(line)))?.samples_per_second
        }
        let good = speeds.filter { $0 > 0 && $0.isFinite }.sorted()
        guard !good.isEmpty, globalBatch > 0 else { return nil }
        return Double(globalBatch) / good[good.count / 2]
    }

    /// From two sets of a launch with enough time between them, since manifests have whole seconds; saves are part of it.
    private static func stepSeconds(between sets: [Manifest]) -> Double? {
        guard let newest = sets.first,
            let other = sets.last(where: {
                $0.lineage?.run == newest.lineage?.run && $0.checkpoint.progress.step < newest.checkpoint.progress.step
            })
        else { return nil }
        let seconds = newest.created.timeIntervalSince(other.created)
        return seconds < 20 ? nil : seconds / Double(newest.checkpoint.progress.step - other.checkpoint.progress.step)
    }

    /// Puts what is known into a request.
    func apply(to request: inout PlanRequest) {
        request.ranks = ranks
        request.costs.state = .total(bytes: stateBytes)
        if let ranksPerHost { request.costs.ranksPerHost = ranksPerHost }
        if let step { request.costs.stepSeconds = step.seconds }
        guard let saveSeconds else { return }
        // Half a step lies before the save of a stop, on average. Storage that was slower than is assumed was so slow; what the
        // bytes do not explain is the same for more of them.
        let save = max(saveSeconds - request.costs.stepSeconds / 2, saveSeconds / 2)
        let explained = stateBytes / request.costs.sharedBandwidth
        request.costs.saveOverheadSeconds = max(0, save - explained)
        if explained > save { request.costs.sharedBandwidth = stateBytes / save }
    }

    /// What was found, and what was not.
    var notes: [String] {
        let found = "from the run: \(ranks) ranks, \(stateBytes.asBytes) of state"
        let steps = step.map { ", a step of \($0.seconds.asTime) by \($0.source)" } ?? ""
        let saves = saveSeconds.map { ", a stop that took \($0.asTime)" } ?? ""
        let missing = [
            step == nil ? "the time of a step is not on record; --step gives it" : nil,
            saveSeconds == nil
                ? "no stop was measured; --save-overhead and --shared-bandwidth say what a save costs" : nil,
        ].compactMap(\.self)
        return [found + steps + saves] + missing
    }
}

/// Why nothing can be learned from a run.
struct MeasuredRunError: Error {
    let description: String
}

/// What is read of a line of a history.
private struct HistoryLine: Decodable {
    // As it stands in the file.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    let samples_per_second: Double
}
