import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Records
import Runs
import Synchronization
import SystemPackage
import Testing
import Training

@testable import Stopping

/// A request to one rank of four, at every moment of a run of two epochs of three steps with validation.
struct StopMomentTests {
    /// When the rank is asked, and what comes of it.
    struct Moment: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let hook: Hook
        var epoch: Int?
        var step: Int?
        let stopsAfter: Int
        var evalSteps = 0
    }

    static let moments = [
        Moment(testDescription: "before the first step", hook: .trainBegin, stopsAfter: 1),
        Moment(testDescription: "while data are loaded", hook: .trainEpochBegin, epoch: 1, stopsAfter: 1),
        Moment(testDescription: "at the begin of a step", hook: .trainStepBegin, step: 2, stopsAfter: 2),
        Moment(testDescription: "at the end of a step", hook: .trainStepEnd, step: 2, stopsAfter: 2),
        Moment(testDescription: "in the last step of an epoch", hook: .trainStepEnd, step: 3, stopsAfter: 3),
        Moment(
            testDescription: "in a validation", hook: .evalStepBegin, epoch: 1, step: 1, stopsAfter: 3, evalSteps: 1),
        Moment(testDescription: "between epochs", hook: .trainEpochEnd, epoch: 1, stopsAfter: 3, evalSteps: 2),
        Moment(
            testDescription: "at the begin of an epoch", hook: .trainEpochBegin, epoch: 2, stopsAfter: 4, evalSteps: 2),
        Moment(testDescription: "in the last step", hook: .trainStepEnd, step: 6, stopsAfter: 6, evalSteps: 2),
        Moment(testDescription: "after the last step", hook: .trainEpochEnd, epoch: 2, stopsAfter: 6, evalSteps: 4),
    ]

    @Test(arguments: moments, [0, 3])
    func requestToOneRankStopsAllAfterTheSameStep(moment: Moment, rank: Int) throws {
        let disk = MemoryFileSystem()
        let results = try ThreadWorld.run(ranks: 4) { world in
            let source = AskedSource()
            let log = EventLog()
            let actor = Recorder("A", log)
            actor.action = { hook, _, context in
                let run = context.originalArgs()
                let isNow =
                    hook == moment.hook && moment.epoch.map { $0 == run.curEpochNum } ?? true
                    && moment.step.map { $0 == run.curStepNum } ?? true
                if isNow, world.rank == rank { source.ask() }
            }
            return try run(on: world, [actor], source, disk, log)
        }
        for result in results {
            #expect(result.stop == results[0].stop)
            #expect(result.step == moment.stopsAfter && result.evalSteps == moment.evalSteps, "\(result)")
        }
        #expect(results[0].stop?.hasPrefix("stopping after step \(moment.stopsAfter): a signal (a test) from ") == true)
        try expectSet(step: moment.stopsAfter, rank: rank, on: disk)
    }

    @Test(arguments: [false, true])
    func requestDuringASaveStopsAfterThatStep(isAsynchronous: Bool) throws {
        let disk = MemoryFileSystem()
        let results = try ThreadWorld.run(ranks: 2) { world in
            let source = AskedSource()
            let config = try CheckpointConfig(saveCheckpointSteps: 2, asyncSave: isAsynchronous)
            let saves = try ModelCheckpoint(directory: output.string, config: config, files: disk)
            let log = EventLog()
            let actor = Recorder("A", log)
            actor.action = { hook, _, context in
                guard hook == .trainBegin, world.rank == 1 else { return }
                context.whenPublished { _ in source.ask() }
            }
            return try run(on: world, [saves, actor], source, disk, log)
        }
        #expect(results[0].stop == results[1].stop && results[0].step == results[1].step)
        // An asynchronous save may be published after a later step.
        #expect(isAsynchronous ? (2...6).contains(results[0].step) : results[0].step == 2)
        try expectSet(step: results[0].step, rank: 1, on: disk)
    }

    @Test func secondRequestChangesNothingButAWeightierOneIsRecorded() throws {
        let disk = MemoryFileSystem()
        let results = try ThreadWorld.run(ranks: 2) { world in
            let source = AskedSource()
            let log = EventLog()
            let actor = Recorder("A", log)
            actor.action = { hook, _, context in
                if hook == .trainStepEnd, world.rank == 0 { context.requestStop() }
                if hook == .trainEpochEnd, world.rank == 1 { source.ask() }
            }
            return try run(on: world, [actor], source, disk, log)
        }
        #expect(results.map(\.step) == [1, 1])
        #expect(results[0].stop == results[1].stop)
        try expectSet(step: 1, rank: 1, on: disk)
    }

    /// What a rank tells of its run.
    struct Result: Sendable {
        let step: Int
        let evalSteps: Int
        let stop: String?
    }

    private func run(
        on world: any Communicator, _ callbacks: [Callback], _ source: AskedSource, _ disk: MemoryFileSystem,
        _ log: EventLog
    ) throws -> Result {
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], stopping: StopOptions(sources: [source]),
            files: disk)
        try smallModel(world: world).fit(
            2, smallLoader(steps: 3, batchSize: 4), smallLoader(steps: 2, batchSize: 4), callbacks: [exit] + callbacks)
        return Result(
            step: log.events.count { $0.hasPrefix("A.SE") }, evalSteps: log.events.count { $0.hasPrefix("A.vSE") },
            stop: exit.stop.map { "\($0)" })
    }

    private func expectSet(step: Int, rank: Int, on disk: MemoryFileSystem) throws {
        let sets = CheckpointDirectory(output, fileSystem: disk)
        let manifest = try #require(try sets.manifest(named: "Net_train"))
        try sets.verify(manifest)
        #expect(manifest.checkpoint.progress.step == step)
        let cause = manifest.checkpoint.cause
        #expect(cause.reason == "a signal" && cause.requestingRank == rank)
        #expect(cause.request?.explanation == "a test" && cause.request?.requester == "a person")
    }
}

/// A way to ask that a test has.
final class AskedSource: StopSource, Sendable {
    private let isAsked = Mutex(false)

    func ask() { isAsked.withLock { $0 = true } }

    func poll() -> StopReason? { isAsked.withLock { $0 } ? .signal : nil }

    var details: StopDetails { StopDetails("a test", requester: "a person") }
}
