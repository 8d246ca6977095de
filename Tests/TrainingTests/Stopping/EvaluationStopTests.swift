import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Runs
import SystemPackage
import Testing
import Training

@testable import Stopping

/// A request while samples are measured: by a callback in a training, by `fit`, or at its end.
struct EvaluationStopTests {
    /// What a rank tells of its run.
    struct Outcome: Sendable {
        let step: Int
        let evalSteps: Int
        let isMeasured: Bool
        let stop: String?
    }

    @Test(arguments: [1, 3])
    func evaluationThatACallbackMakesHearsWhatTheTrainingHears(ranks: Int) throws {
        let disk = MemoryFileSystem()
        let outcomes = try run(ranks) { world in
            let (source, log) = (AskedSource(), EventLog())
            let model = smallModel(world: world)
            var results: [[String: Double]] = []
            let asker = Recorder("E", log)
            asker.action = { hook, _, _ in if hook == .evalStepBegin, world.rank == world.size - 1 { source.ask() } }
            let evaluator = Actor(.trainStepEnd) { context in
                guard context.position.step == 2 else { return }
                try context.meet()
                results.append(try model.eval(smallLoader(steps: 4, batchSize: 6), callbacks: [asker]))
                #expect(context.getStopRequested())
            }
            let exit = try exit(source, disk)
            try model.train(2, smallLoader(steps: 3, batchSize: 6), callbacks: [exit, evaluator])
            return Outcome(
                step: 2, evalSteps: log.events.count { $0.hasPrefix("E.vSE") }, isMeasured: results != [[:]],
                stop: exit.stop.map { "\($0)" })
        }
        for outcome in outcomes {
            #expect(outcome.evalSteps == 1 && !outcome.isMeasured, "\(outcome)")
            #expect(outcome.stop?.hasPrefix("stopping after step 2: a signal (a test)") == true, "\(outcome)")
        }
        #expect(try published("Net_train", on: disk).progress.step == 2)
    }

    @Test func evaluationOfACallbackThatNobodyStopsIsWhole() throws {
        let model = smallModel()
        var results: [String: Double] = [:]
        let evaluator = Actor(.trainEpochEnd) { _ in results = try model.eval(smallLoader(steps: 4)) }
        try model.train(1, smallLoader(steps: 2), callbacks: evaluator)
        #expect(try results == model.eval(smallLoader(steps: 4)) && !results.isEmpty)
    }

    @Test func validationThatIsCutShortLeavesNoResults() throws {
        let source = AskedSource()
        var results: [String: Double]??
        let disk = MemoryFileSystem()
        let asker = Actor(.evalStepEnd) { _ in source.ask() }
        let reader = Actor(.trainEpochEnd) { results = .some($0.originalArgs().evalResults) }
        try smallModel().fit(
            2, smallLoader(steps: 2), smallLoader(steps: 3), callbacks: [exit(source, disk), asker, reader])
        #expect(results == .some(nil))
        #expect(try published("Net_train", on: disk).progress.step == 2)
    }

    /// As at the end of a training.
    @Test(arguments: [1, 2])
    func evaluationByItselfHearsTheRequestsThatItIsGiven(ranks: Int) throws {
        let outcomes = try run(ranks) { world in
            let (source, log) = (AskedSource(), EventLog())
            let asker = Recorder("E", log)
            asker.action = { hook, calls, _ in
                if hook == .evalStepEnd, calls == 2, world.rank == 0 { source.ask() }
            }
            let requests = try StopRequests(to: [], StopOptions(sources: [source]), in: world)
            let results = try smallModel(world: world).eval(
                smallLoader(steps: 5, batchSize: 4), callbacks: [asker], requests: requests)
            return Outcome(
                step: 0, evalSteps: log.events.count { $0.hasPrefix("E.vSE") }, isMeasured: !results.isEmpty,
                stop: requests.stop.map { "\($0.reason)" })
        }
        for outcome in outcomes {
            #expect(outcome.evalSteps == 2 && !outcome.isMeasured && outcome.stop == "a signal", "\(outcome)")
        }
    }

    private func run(_ ranks: Int, _ body: @escaping @Sendable (any Communicator) throws -> Outcome) throws -> [Outcome]
    {
        ranks == 1 ? [try body(SoloCommunicator())] : try ThreadWorld.run(ranks: ranks) { try body($0) }
    }

    private func exit(_ source: AskedSource, _ disk: MemoryFileSystem) throws -> OnRequestExit {
        try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], stopping: StopOptions(sources: [source]),
            files: disk)
    }

    private func published(_ name: String, on disk: MemoryFileSystem) throws -> CheckpointSet {
        try #require(try CheckpointDirectory(output, fileSystem: disk).manifest(named: name)).checkpoint
    }
}
