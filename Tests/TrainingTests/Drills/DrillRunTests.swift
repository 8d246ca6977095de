import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import Drills
@testable import Runs
@testable import Training

/// Drills in runs of the small model: 3 epochs of 4 steps.
@Suite struct DrillRunTests {
    @Test func signalComesBeforeItsStepAndOnlyOnce() throws {
        let record = try train("sigterm@rank0:step6").record
        #expect(record == ["drill: sigterm@rank0:step6", "signal 15 to rank0"])
    }

    @Test func slowComesAtEveryStep() throws {
        let record = try train("slow@rank0:5ms").record
        #expect(record == [String](repeating: "sleep 0.005 seconds", count: 12))
    }

    @Test(arguments: [("step5", 5), ("epoch2", 8), ("laststep", 12)])
    func stopEndsTheRunAtItsMoment(moment: String, step: Int) throws {
        #expect(try train("stop@rank0:\(moment)").step == step)
    }

    @Test func errorOfOneRankIsThrownOnAll() throws {
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            let runner = DrillRunner(world.rank == 1 ? try Drill.parse("throw@rank1:step4") : [], effects: .recorded())
            try SavingRun().train([DrillCallback(runner)], world: world)
        }
        let expected = RankFailure(rank: 1, reason: "the drill throw@rank1:step4 throws")
        #expect(outcomes.allSatisfy { $0.failure as? RankFailure == expected })
    }

    @Test(arguments: [
        ("enospc@rank0:save", "cannot create /disk/output", "No space left on device"),
        ("eio@rank0:save2:op3", "cannot write /disk/output", "Input/output error"),
        ("enospc@rank0:save2:op1", "cannot make the directory /disk/output", "No space left on device"),
    ])
    func fileOperationOfASaveFails(text: String, what: String, why: String) throws {
        let error = #expect(throws: (any Error).self) { try train(text) }
        let sentence = error.map { "\($0)" } ?? ""
        #expect(sentence.hasPrefix(what) && sentence.hasSuffix(": \(why)"))
    }

    /// However a save is cut short, what was published before it stays whole.
    @Test(arguments: 1...12) func everyOperationOfASaveCanFail(operation: Int) throws {
        let run = SavingRun()
        let error = Result { try train("eio@rank0:save2:op\(operation)", in: run) }.failure
        let directory = CheckpointDirectory(output, fileSystem: run.disk)
        let sets = try directory.list().manifests
        #expect(!sets.isEmpty, "\(error as Any)")
        for set in sets { try directory.verify(set) }
    }

    @Test(arguments: [("file@rank0:eval", "configuration file"), ("halt@rank0:eval", "halt request")])
    func requestIsWritten(text: String, request: String) throws {
        #expect(try train(text, validating: true).record == ["drill: \(text)", request])
    }

    @Test func rankThatIsNotThereIsRefused() throws {
        let drills = try Drill.parse("kill@rank8:save")
        let error = #expect(throws: DrillError.self) { _ = try DrillRunner(drills, rank: 0, of: 8) }
        #expect(error?.description == "\"kill@rank8:save\" is for rank 8, and the ranks are 0 to 7")
    }

    @Test(arguments: [("file@rank1:step3", "configuration file"), ("halt@rank1:step3", "directory")])
    func requestIsRefusedWhereNobodyLooksForIt(text: String, place: String) throws {
        let drills = try Drill.parse(text)
        let error = #expect(throws: DrillError.self) { _ = try DrillRunner(drills, rank: 0, of: 8) }
        #expect(error?.description == "\"\(text)\" cannot happen: the run has no \(place)")
    }

    /// Trains on one rank, saving after every fourth step; returns what the drills did and the last step.
    @discardableResult
    private func train(
        _ text: String, in run: SavingRun = SavingRun(), validating: Bool = false
    ) throws -> (record: [String], step: Int) {
        let record = DrillRecord()
        let runner = DrillRunner(try Drill.parse(text), effects: .recorded(in: record))
        let files = DrillFileSystem(run.disk, directory: output, runner: runner)
        let saves = try ModelCheckpoint(
            directory: output.string, config: CheckpointConfig(saveCheckpointSteps: 4), files: files)
        let last = LastStep()
        try run.train(
            [DrillCallback(runner), saves, last], validating: validating ? smallLoader(steps: 1, batchSize: 4) : nil)
        return (record.lines.withLock { $0 }, last.step)
    }
}

/// What drills did.
private final class DrillRecord: Sendable {
    let lines = Mutex<[String]>([])

    func note(_ line: String) { lines.withLock { $0.append(line) } }
}

extension DrillEffects {
    /// Effects that are only written down.
    fileprivate static func recorded(in record: DrillRecord = DrillRecord()) -> Self {
        Self(
            signal: { target, number in record.note("signal \(number) to \(target)") },
            sleep: { record.note("sleep \($0?.description ?? "for ever")") },
            writeConfigFile: { () throws(FileError) in record.note("configuration file") },
            requestHalt: { () throws(FileError) in record.note("halt request") },
            say: { record.note($0) })
    }
}

private final class LastStep: Callback {
    private(set) var step = 0

    override func onTrainEnd(_ runContext: RunContext) { step = runContext.position.step }
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
