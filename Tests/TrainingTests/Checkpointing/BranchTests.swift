import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Stopping
import SurroundingsTestKit
import SystemPackage
import Testing

@testable import Runs
@testable import Training

/// Runs that go back to older sets, and whose clocks are wrong: three epochs of four steps.
struct BranchTests {
    private let run = SavingRun()

    private var directory: CheckpointDirectory { CheckpointDirectory(output, fileSystem: run.disk) }

    /// Trains until a failure at a step, or to the end, and returns what it carried on from.
    @discardableResult
    private func train(
        _ resume: ResumeSource = .newest, failingAt step: Int? = nil, every steps: Int = 2, keeping count: Int = 5,
        prefix: String = "CKP", isAsynchronous: Bool = false, ranks: Int = 1,
        surroundings: any Surroundings = .system
    ) throws -> ResumedRun? {
        let run = run
        let resumed = try ThreadWorld.run(ranks: ranks) { world in
            let exit = try OnRequestExit(
                saveMindIR: false, directory: output.string, signals: [], resume: resume, files: run.disk)
            let config = try CheckpointConfig(
                saveCheckpointSteps: steps, keepCheckpointMax: count, integratedSave: false, asyncSave: isAsynchronous)
            let checkpoint = try run.checkpoint(config, prefix: .fixed(prefix))
            // In the hook before the save of its step, as a kill.
            let failing = step.map { [Actor.raising(.trainStepBegin, step: $0)] } ?? []
            do {
                try run.train([exit] + failing + [checkpoint], world: world, surroundings: surroundings)
            } catch  where step != nil {
                // As it was to.
            }
            return exit.resumed
        }
        return resumed[0]
    }

    private func steps() throws -> [Int] { try directory.list().manifests.map(\.checkpoint.progress.step).sorted() }

    private func set(_ name: String) -> ResumeSource { .set(output.appending("\(name).manifest.json")) }

    /// What is published stays at least until a newer one is, whatever steps a branch that was left has come to.
    @Test(arguments: [false, true], [1, 2])
    func setsOfARunThatWentBackStay(isAsynchronous: Bool, ranks: Int) throws {
        try train(keeping: 6, ranks: ranks)
        #expect(try steps() == [2, 4, 6, 8, 10, 12])
        let back = try train(
            set("CKP-1_4"), failingAt: 8, every: 1, keeping: 4, isAsynchronous: isAsynchronous, ranks: ranks)
        #expect(back?.position.step == 4)
        // 5, 6 and 7 follow 4; of the others there is room for none.
        #expect(try steps() == [4, 5, 6, 7])
        #expect(try train(failingAt: 9, every: 1, keeping: 4, ranks: ranks)?.position.step == 7)
        #expect(try steps() == [5, 6, 7, 8])
        #expect(Set(try directory.list().manifests.map { $0.lineage?.run }).count == 1)
    }

    @Test func theSetThatARunCarriesOnFromStaysWhileThereIsNothingNewer() throws {
        try train(keeping: 6)
        try train(set("CKP-1_2"), failingAt: 3, every: 1, keeping: 1)
        #expect(try steps() == [2, 4, 6, 8, 10, 12])
        try train(set("CKP-1_2"), failingAt: 4, every: 1, keeping: 1)
        #expect(try steps() == [3])
    }

    @Test func aRunGoesBackTwiceAndToTheBranchThatItLeft() throws {
        try train(keeping: 9)
        try train(set("CKP-1_4"), failingAt: 6, every: 1, keeping: 9)
        try train(set("CKP-2_4"), failingAt: 10, every: 1, keeping: 9)
        #expect(try directory.list().manifests.first?.checkpoint.progress.step == 9)
        #expect(try train(failingAt: 10, every: 1, keeping: 9)?.position.step == 9)
    }

    @Test func aClockThatIsSetBackLosesNoSteps() throws {
        let surroundings = VirtualSurroundings()
        surroundings.shiftDate(by: 7200)
        try train(failingAt: 4, every: 1, surroundings: surroundings)
        surroundings.shiftDate(by: -7200)
        #expect(try train(failingAt: 8, every: 1, surroundings: surroundings)?.position.step == 3)
        surroundings.shiftDate(by: -7200)
        #expect(try train(failingAt: 9, every: 1, surroundings: surroundings)?.position.step == 7)
        #expect(try train(every: 1)?.position.step == 8)
    }

    @Test func aRunThatBeginsAnewIsCarriedOnAndHasAPrefixOfItsOwn() throws {
        try train()
        try train(.never, failingAt: 4)
        #expect(try directory.list().manifests.first?.name == "CKP_1-1_2")
        #expect(try train(failingAt: 6)?.name == "CKP_1-1_2")
        // And the older one, gone back to, goes on with its own.
        try train(set("CKP-2_2"), failingAt: 9)
        #expect(try directory.list().manifests.first?.name == "CKP-2_4")
        #expect(try directory.manifest(named: "CKP_1-1_4") != nil)
    }

    @Test func setsOfAnotherPrefixAreCarriedOnToo() throws {
        try train(failingAt: 8, prefix: "net")
        #expect(try train(failingAt: 10, prefix: "CKP")?.name == "net-2_2")
        #expect(try train(failingAt: 10, prefix: "net")?.name == "CKP-2_4")
    }

    @Test func setsWithoutTheStateOfTheOptimizerArePassedOver() throws {
        let network = smallModel().network
        try run.train([
            run.checkpoint(CheckpointConfig(saveCheckpointSteps: 4, savedNetwork: network), prefix: .fixed("weights"))
        ])
        #expect(try train(failingAt: 6) == nil)
        #expect(try train(failingAt: 6)?.name == "CKP-1_4")
    }

    @Test func aSetOfAnotherDirectoryIsFollowed() throws {
        let other: FilePath = "/disk/other"
        try run.train([run.checkpoint(CheckpointConfig(saveCheckpointSteps: 4), directory: .fixed(other.string))])
        try train(.never)
        try train(.set(other.appending("CKP-2_4")), failingAt: 11, every: 1)
        let newest = try #require(try directory.list().manifests.first)
        #expect(newest.checkpoint.progress.step == 10)
        // The sets that were here are of another run, which keeps them.
        #expect(newest.name == "CKP_1-3_2")
        #expect(try directory.manifest(named: "CKP-3_4") != nil)
        let origin = try CheckpointDirectory(other, fileSystem: run.disk).manifest(named: "CKP-2_4")
        #expect(newest.lineage?.run == origin?.lineage?.run)
    }

    @Test func theBestSetOfABranchThatWasLeftStays() throws {
        func train(_ resume: ResumeSource, _ losses: [Double], from first: Int) throws {
            let exit = try OnRequestExit(
                saveMindIR: false, directory: output.string, signals: [], resume: resume, files: run.disk)
            let config = try CheckpointConfig(
                schedule: .steps(1), retention: [.latest(1), .best(1, of: "accuracy", .highest)])
            let measuring = Actor(.trainStepEnd) { context in
                let step = context.originalArgs().curStepNum
                guard step - first < losses.count else { throw Boom() }
                context.originalArgs().evalResults = ["accuracy": losses[step - first]]
            }
            #expect(throws: Boom.self) { try run.train([exit, measuring, run.checkpoint(config)]) }
        }
        try train(.newest, [0.1, 0.2, 0.9, 0.3], from: 1)
        #expect(try steps() == [3, 4])
        try train(set("CKP-1_3"), [0.4, 0.5, 0.3], from: 4)
        #expect(try steps() == [3, 6])
        #expect(try directory.list().manifests.first?.checkpoint.retention?.map(\.rule) == ["latest", "best"])
    }

    /// A stop must be over soon, and the set of the exit holds all that the other would.
    @Test func aStopSavesOnce() throws {
        let source = AskedSource()
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], stopping: StopOptions(sources: [source]),
            files: run.disk)
        let asking = Actor(.trainStepEnd) { context in if context.originalArgs().curStepNum == 7 { source.ask() } }
        try run.train([run.checkpoint(CheckpointConfig(saveCheckpointSteps: 3)), asking, exit])
        #expect(try directory.list().manifests.map(\.name) == ["Net_train", "CKP-2_2", "CKP-1_3"])
    }

    @Test func aStopSavesWhatTheExitDoesNot() throws {
        for (steps, isElsewhere) in [(3, true), (3, false)] {
            let run = SavingRun()
            let source = AskedSource()
            let exit = try OnRequestExit(
                saveCkpt: isElsewhere, saveMindIR: false, directory: isElsewhere ? "/disk/exit" : output.string,
                signals: [], stopping: StopOptions(sources: [source]), files: run.disk)
            let asking = Actor(.trainStepEnd) { context in if context.originalArgs().curStepNum == 7 { source.ask() } }
            try run.train([run.checkpoint(CheckpointConfig(saveCheckpointSteps: steps)), asking, exit])
            #expect(try run.sets() == ["CKP-1_3", "CKP-2_2", "CKP-2_3"])
        }
    }
}
