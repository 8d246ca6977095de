import Checkpoints
import Collectives
import CollectivesTestKit
import Datasets
import Drills
import Files
import Foundation
import Glibc
import Graphs
import Runs
import Stopping
import SystemPackage
import Testing
import Training

/// Trainings of somebody's own program: 3 epochs of 4 steps.
struct RunTests {
    private let folder = TestRunFolder()

    @Test func withoutAnyOtherCallbackARunStoppedAndCarriedOnEndsAsAnUndisturbedOne() throws {
        let undisturbed = try folder.train(in: "whole")
        #expect(undisturbed.outcome.isComplete)
        let stopped = try folder.train(in: "parts", stoppingAfter: 5)
        #expect(!stopped.outcome.isComplete && stopped.outcome.position.step == 5)
        #expect(stopped.outcome.isToBeCarriedOn)
        #expect(stopped.outcome.published == folder.path("parts").appending("Net_train.manifest.json"))
        let rest = try folder.train(in: "parts")
        #expect(rest.outcome.resumed?.position.step == 5)
        #expect(rest.outcome.isComplete && rest.outcome.position.step == 12)
        #expect(rest.weights == undisturbed.weights)
    }

    /// No exit checkpoint is planned: the sets of the schedule are what there is.
    @Test func theSetsOfAScheduleAreEnoughToCarryOn() throws {
        let undisturbed = try folder.train(in: "whole")
        let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 2)], keep: .latest(2))
        let stopped = try folder.train(in: "parts", plan, stoppingAfter: 5)
        // At its end a run saves the last step by its schedule too.
        #expect(stopped.outcome.published?.lastComponent == "CKP-2_1.manifest.json")
        let rest = try folder.train(in: "parts", plan)
        #expect(rest.outcome.resumed?.name == "CKP-2_1")
        #expect(rest.outcome.isComplete && rest.weights == undisturbed.weights)
        #expect(try folder.sets("parts") == ["CKP-3_2", "CKP-3_4"])
    }

    /// Found by the simulator: seed 83 of 8 ranks lost all steps since the last set of its schedule, and ended with 0.
    @Test func aStopThatACallbackAsksForLeavesASetWhereStopsDo() throws {
        let asks = Actor(.trainStepEnd) { if $0.position.step == 5 { $0.requestStop() } }
        let stopped = try folder.train(in: "out", callbacks: [asks])
        #expect(stopped.outcome.stop?.reason == .callback && stopped.outcome.isToBeCarriedOn)
        #expect(stopped.outcome.checkpoint == folder.path("out").appending("Net_train.manifest.json"))
        #expect(try folder.train(in: "out").outcome.resumed?.position.step == 5)
        let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 3)])
        #expect(try folder.train(in: "set", plan, callbacks: [asks]).outcome.position.step == 5)
        #expect(try folder.sets("set") == ["CKP-1_3", "CKP-2_1"])
        // Once, where both the schedule and the stop have a reason.
        let both = RunPlan(name: "Net", stops: StopPlan(), saves: [.every(steps: 3), .onStop])
        #expect(try folder.train(in: "both", both, callbacks: [asks]).outcome.position.step == 5)
        #expect(try folder.sets("both") == ["CKP-1_3", "Net_train"])
    }

    /// Of the two occasions that OnRequestExit knows, a plan may have either.
    @Test func theEndLeavesASetWhereAStopDoesNot() throws {
        let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 3), .atEnd])
        let stopped = try folder.train(in: "out", plan, stoppingAfter: 5)
        #expect(try folder.sets("out") == ["CKP-1_3", "CKP-2_1"])
        #expect(stopped.outcome.isToBeCarriedOn && stopped.outcome.checkpoint == nil)
        let rest = try folder.train(in: "out", plan)
        #expect(rest.outcome.resumed?.position.step == 5)
        #expect(rest.outcome.checkpoint == folder.path("out").appending("Net_train.manifest.json"))
        #expect(try folder.sets("out").contains("Net_train"))
    }

    @Test func aRunThatIsFinishedIsNotTrainedFurther() throws {
        let first = try folder.train(in: "out")
        let second = try folder.train(in: "out")
        #expect(second.outcome.isComplete && second.outcome.resumed?.finished == true)
        #expect(second.weights == first.weights)
        let longer = try folder.train(in: "out", epochs: 4)
        #expect(longer.outcome.position.step == 16)
    }

    @Test(arguments: [2, 3])
    func aStopOfOneRankIsEverybodys(ranks: Int) throws {
        let folder = folder
        let steps = try ThreadWorld.run(ranks: ranks) { world in
            let asked = world.rank == 1 ? 3 : nil
            return try folder.train(in: "out", world: world, stoppingAfter: asked).outcome.position.step
        }
        #expect(Set(steps) == [3])
        let rest = try ThreadWorld.run(ranks: 2) { try folder.train(in: "out", world: $0).outcome }
        #expect(rest.allSatisfy { $0.isComplete && $0.resumed?.position.step == 3 })
    }

    @Test func theStatusSaysHowFarItIs() throws {
        let plan = RunPlan(stops: StopPlan())
        let run = try Run(in: folder.path("out").string, plan: plan)
        var heard: [RunStatus.State?] = []
        let path = folder.path("out")
        func look() { heard.append(RunStatus.read(in: path)?.state) }
        let model = try #require(
            try run.prepare {
                look()
                return smallModel()
            })
        let watcher = Actor(.trainStepEnd) { if $0.position.step == 1 { look() } }
        try run.fit(model, epochs: 1, smallLoader(steps: 4), callbacks: [watcher])
        look()
        #expect(heard == [.starting, .running, .finished])
    }

    @Test func whatFailsBeforeTheFirstStepLeavesNoDirectoryBehind() throws {
        let run = try Run(in: folder.path("out").string, plan: RunPlan(stops: StopPlan()))
        #expect(throws: Boom.self) { try run.prepare { throw Boom() } }
        #expect(!FileManager.default.fileExists(atPath: folder.path("out").string))
    }

    @Test func aSignalBeforeTheFirstStepIsHeard() throws {
        let run = try Run(in: folder.path("out").string, plan: RunPlan(stops: StopPlan(signals: [SIGUSR2])))
        _ = try run.prepare { kill(getpid(), SIGUSR2) }
        let outcome = try run.fit(smallModel(), epochs: 1, smallLoader(steps: 4))
        #expect(outcome.stop?.reason == .signal && outcome.position.step == 1)
    }

    @Test func aSetHoldsWhatOtherCallbacksHaveCountedInItsStep() throws {
        let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 2)], keep: .everything)
        func count(epochs: Int) throws -> Int {
            let steps = CountedSteps()
            let run = try Run(in: folder.path("out").string, plan: plan)
            try run.fit(smallModel(world: run.world), epochs: epochs, smallLoader(steps: 4), callbacks: [steps])
            return steps.keptState
        }
        #expect(try count(epochs: 1) == 4)
        #expect(try count(epochs: 2) == 8)
    }

    @Test func twoRunsDoNotShareADirectory() throws {
        let path = folder.path("out")
        let first = try Run(in: path.string, plan: RunPlan(stops: StopPlan()))
        try first.prepare {}
        let asked = AskedSource()
        asked.ask()
        let second = try Run(in: path.string, plan: RunPlan(stops: StopPlan(sources: [asked])))
        let outcome = try second.fit(smallModel(), epochs: 1, smallLoader(steps: 4))
        #expect(outcome.stop?.reason == .signal && outcome.position.step == 0)
        try first.fit(smallModel(), epochs: 1, smallLoader(steps: 4))
    }

    @Test func theDrillsOfThePlanStrike() throws {
        let plan = RunPlan(stops: StopPlan(), drills: [try #require(try Drill.parse("throw@rank0:step3").first)])
        #expect(throws: DrilledError.self) { try folder.train(in: "out", plan) }
        #expect(RunStatus.read(in: folder.path("out"))?.state == .failed)
    }
}

/// Plans that no run can follow are refused in one sentence, before anything is written.
struct RunPlanTests {
    @Test(arguments: [
        (RunPlan(saves: [.every(steps: 0)]), "a save after every 0 steps is planned; it must be at least 1"),
        (RunPlan(saves: [.every(seconds: -1)]), "a save after every -1.0 seconds is planned; it must be more than 0"),
        (
            RunPlan(saves: [.taking(share: 1)]),
            "saves are to take the share 1.0 of the time; it must be above 0 and below 1"
        ),
        (
            RunPlan(saves: [.every(steps: 1), .every(seconds: 1)]),
            "2 schedules are planned; give one of every(steps:), every(seconds:), taking(share:) and optimal(mtbf:)"
        ),
        (
            RunPlan(saves: [.optimal(mtbf: 0)]),
            "saves are planned for a mean time between failures of 0.0 seconds; it must be more than 0"
        ),
        (
            RunPlan(saves: [.optimal(mtbf: 60), .taking(share: 0.1)]),
            "2 schedules are planned; give one of every(steps:), every(seconds:), taking(share:) and optimal(mtbf:)"
        ),
        (RunPlan(watchdog: .zero), "the watchdog's timeout is 0.0 seconds; it must be more than 0"),
    ])
    func isRefused(plan: RunPlan, sentence: String) {
        let error = #expect(throws: RunPlanError.self) { try Run(in: "/nonexistent/out", plan: plan) }
        #expect(error?.description == sentence)
    }

    @Test func aDirectoryWithoutANameIsRefused() {
        #expect(throws: RunPlanError.noDirectory) { try Run(in: "") }
    }

    @Test func aNameThatNoFileCanHaveIsRefused() {
        let error = #expect(throws: RunPlanError.self) { try Run(in: "out", plan: RunPlan(name: "a/b")) }
        #expect(error?.description.contains("a/b") == true)
    }
}

/// Counts the steps of a run.
private final class CountedSteps: Callback, StatefulCallback {
    var keptState = 0

    override func onTrainStepEnd(_ runContext: RunContext) { keptState += 1 }
}
