import Checkpoints
import Ciphers
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Runs
import Stopping
import SurroundingsTestKit
import Synchronization
import SystemPackage
import Testing
import Training

/// The mistakes that are planted in runs are mistakes: each breaks a promise that holds without it.
struct PlantedMistakeTests {
    private typealias Promise = (mistakes: [Mutant], holds: @Sendable (TestRunFolder) throws -> Bool)

    private static let promises: [Promise] = [
        ([.epochBegunAnew, .positionAhead, .optimizerNotRestored], isCarriedOnExactly),
        ([.newestNotKept], newestSetStays),
        ([.retentionByStep], abandonedSetsMakeRoom),
        ([.failureUnheard], failureIsEverybodys),
        ([.lockLetGo], directoryIsHeld),
        ([.failedSaveCounts], saveThatFailsEndsTheRun),
        ([.failedSaveExitsWithZero], stopThatCannotSaveHasItsCode),
        ([.reserveStays], nothingTemporaryStays),
        ([.exitSetPlain], setOfAStopIsEncrypted),
        ([.retentionBeforePublish], saveThatFailsCostsNoSet),
        ([.branchForgotten], abandonedSetIsOffTheBranch),
        ([.newestByClock], newestIsTheLast),
        ([.haltNotSettled], requestStopsOnce),
        ([.haltSettledEarly], requestOutlivesAFailedSave),
        ([.deadlineWithoutSave], deadlineLeavesTimeToSave),
        ([.leftoversOfOthersRemoved], cleanUpWaitsForTheLock),
        ([.stopReadAfterReduce, .ownMarkFirst], ranksLeaveTogether),
    ]

    private static let mistakes = promises.flatMap(\.mistakes)

    @Test func runsKeepTheirPromises() throws {
        for promise in Self.promises { #expect(try promise.holds(TestRunFolder()), "\(promise.mistakes)") }
    }

    /// In a process of its own, where no other test makes the mistake too.
    @Test(arguments: mistakes) func eachMistakeBreaksOne(mutant: Mutant) async {
        await #expect(processExitsWith: .success) { [number = mutant.rawValue as Int] in
            let mutant = try #require(Mutant(rawValue: number))
            Mutant.plant(mutant)
            let promise = try #require(Self.promises.first { $0.mistakes.contains(mutant) })
            // What is wrong may show as an error too.
            let holds = (try? promise.holds(TestRunFolder())) ?? false
            exit(holds ? EXIT_FAILURE : EXIT_SUCCESS)
        }
    }

    private static func isCarriedOnExactly(_ folder: TestRunFolder) throws -> Bool {
        let undisturbed = try folder.train(in: "whole")
        try folder.train(in: "parts", stoppingAfter: 5)
        let rest = try folder.train(in: "parts")
        return rest.outcome.position.step == 12 && rest.weights == undisturbed.weights
    }

    private static func newestSetStays(_ folder: TestRunFolder) throws -> Bool {
        let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 2)], keep: .every(steps: 4))
        try folder.train(in: "out", plan, stoppingAfter: 6)
        return try folder.sets("out") == ["CKP-1_4", "CKP-2_2"]
    }

    private static func abandonedSetsMakeRoom(_: TestRunFolder) -> Bool {
        let sets = [
            KeptSet(name: "left", step: 8, time: 1, generation: 2),
            KeptSet(name: "new", step: 2, time: 2, generation: 3),
        ]
        return Retention.latest(1).removable(of: sets, now: 3).map(\.name) == ["left"]
    }

    private static func failureIsEverybodys(_ folder: TestRunFolder) -> Bool {
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            let failing = world.rank == 1 ? [Actor.raising(.trainStepEnd, step: 3)] : []
            return try folder.train(in: "out", world: world, callbacks: failing).outcome.position.step
        }
        return outcomes.allSatisfy { outcome in
            if case .failure(let error as RankFailure) = outcome { error.rank == 1 } else { false }
        }
    }

    private static func directoryIsHeld(_ folder: TestRunFolder) throws -> Bool {
        var isHeld = false
        let looks = Actor(.trainStepEnd) { _ in
            isHeld = (try? RunLock(folder.path("out"), patience: .zero)) == nil
        }
        try folder.train(in: "out", callbacks: [looks])
        return isHeld
    }

    private static func saveThatFailsEndsTheRun(_ folder: TestRunFolder) -> Bool {
        let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 2)])
        let outcome = Result { try folder.train(in: "out", plan, files: RefusingFileSystem(refused: "CKP")) }
        return (try? outcome.get()) == nil
    }

    private static func stopThatCannotSaveHasItsCode(_ folder: TestRunFolder) -> Bool {
        do {
            try folder.train(in: "out", stoppingAfter: 5, files: RefusingFileSystem(refused: "Net_train"))
            return false
        } catch {
            return (error as? RunFailure)?.status == .saveFailed
        }
    }

    private static func nothingTemporaryStays(_ folder: TestRunFolder) throws -> Bool {
        try folder.train(in: "out")
        return try LocalFileSystem().names(in: folder.path("out")).allSatisfy { !$0.hasPrefix(".") }
    }

    private static func setOfAStopIsEncrypted(_ folder: TestRunFolder) throws -> Bool {
        let key = try EncryptionKey([UInt8](repeating: 1, count: 32).span)
        let plan = RunPlan(stops: StopPlan(), files: try CheckpointForm(encryption: Encryption(key: key)))
        try folder.train(in: "out", plan, stoppingAfter: 5)
        let file = try LocalFileSystem().open(folder.path("out").appending("rank_0/Net_train.ckpt"))
        return try EncryptionMode.mode(of: file) != nil
    }
}

extension PlantedMistakeTests {
    private static func saveThatFailsCostsNoSet(_ folder: TestRunFolder) throws -> Bool {
        let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 2)], keep: .latest(1))
        _ = try? folder.train(in: "out", plan, files: RefusingFileSystem(refused: "CKP-1_4"))
        return try folder.sets("out") == ["CKP-1_2"]
    }

    private static func abandonedSetIsOffTheBranch(_ folder: TestRunFolder) throws -> Bool {
        var plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 2)])
        try folder.train(in: "out", plan, stoppingAfter: 6)
        plan.resume = .set(folder.path("out").appending("CKP-1_2"))
        try folder.train(in: "out", plan, stoppingAfter: 3)
        let directory = CheckpointDirectory(folder.path("out"))
        guard let abandoned = try directory.manifest(named: "CKP-2_2"),
            let newest = try directory.manifest(named: "CKP-1_3")
        else { return false }
        return !KeptSet(SetEntry(abandoned), onBranchOf: newest.lineage).isOnBranch
    }

    /// The clock is set back between two launches.
    private static func newestIsTheLast(_ folder: TestRunFolder) throws -> Bool {
        let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 2)])
        let late = VirtualSurroundings(date: Date(timeIntervalSince1970: 2e9))
        try folder.train(in: "out", plan, stoppingAfter: 4, surroundings: late)
        try folder.train(in: "out", plan, surroundings: VirtualSurroundings(seed: 2))
        let sets = try CheckpointDirectory(folder.path("out")).list().manifests
        return sets.first?.checkpoint.progress.step == 12
    }

    /// A run whose steps take a second, which a halt request stops after the third.
    private static func trainAskedToHalt(
        _ folder: TestRunFolder, files: any FileSystem = LocalFileSystem()
    ) throws -> (halts: HaltDirectory, outcome: RunOutcome?) {
        let surroundings = VirtualSurroundings()
        let halts = HaltDirectory(ofRun: folder.path("out"))
        try halts.submit(HaltRequest(.afterStep(3), in: surroundings))
        let slow = Actor(.trainStepBegin) { $0.surroundings.sleep(for: .seconds(1)) }
        let run = try? folder.train(in: "out", callbacks: [slow], files: files, surroundings: surroundings)
        return (halts, run?.outcome)
    }

    private static func requestStopsOnce(_ folder: TestRunFolder) throws -> Bool {
        let (halts, outcome) = try trainAskedToHalt(folder)
        return try outcome?.stop?.reason == .haltRequest && halts.ids().isEmpty
    }

    private static func requestOutlivesAFailedSave(_ folder: TestRunFolder) throws -> Bool {
        let (halts, outcome) = try trainAskedToHalt(folder, files: RefusingFileSystem(refused: "Net_train"))
        return try outcome == nil && halts.ids().count == 1
    }

    /// A first save is taken to last a second.
    private static func deadlineLeavesTimeToSave(_ folder: TestRunFolder) throws -> Bool {
        let surroundings = VirtualSurroundings()
        let slow = Actor(.trainStepBegin) { $0.surroundings.sleep(for: .seconds(100)) }
        let deadline = Deadline("the end", end: surroundings.now + .milliseconds(300_500))
        let plan = RunPlan(stops: StopPlan(deadlines: [deadline]))
        let outcome = try folder.train(in: "out", plan, callbacks: [slow], surroundings: surroundings).outcome
        return outcome.stop?.reason == .deadline && outcome.position.step == 3
    }

    private static func cleanUpWaitsForTheLock(_ folder: TestRunFolder) throws -> Bool {
        let (files, path) = (LocalFileSystem(), folder.path("out"))
        let pending = path.appending("rank_0/.b.ckpt.2-7f.pending")
        let lock = try RunLock(path, patience: .zero)
        try files.createDirectory(pending.removingLastComponent())
        try files.create(pending).close()
        let outcome = try? folder.train(in: "out", surroundings: VirtualSurroundings())
        return try withExtendedLifetime(lock) { try outcome == nil && files.status(of: pending) != nil }
    }

    private static func ranksLeaveTogether(_ folder: TestRunFolder) -> Bool {
        let outcomes = ThreadWorld.runCollecting(ranks: 2) { world in
            let late = LateSource()
            let arms = Actor(.trainStepEnd) { if world.rank == 1, $0.position.step == 3 { late.arm() } }
            let plan = RunPlan(stops: StopPlan(sources: [late]))
            return try folder.train(in: "out", plan, world: world, callbacks: [arms]).outcome.position.step
        }
        return outcomes.compactMap { try? $0.get() } == [4, 4]
    }
}

/// A request that comes just after it was looked for.
private final class LateSource: StopSource, Sendable {
    private enum State { case silent, armed, asking }

    private let state = Mutex(State.silent)

    func arm() { state.withLock { $0 = .armed } }

    func poll() -> StopReason? {
        state.withLock { state in
            defer { if state == .armed { state = .asking } }
            return state == .asking ? .signal : nil
        }
    }

    var details: StopDetails { StopDetails("a test") }
}

/// The files of this machine, but for new ones whose name has something in it.
private struct RefusingFileSystem: ForwardingFileSystem {
    let base: any FileSystem = LocalFileSystem()
    let refused: String

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        if operation == .create, path.string.contains(refused) { throw FileError("create", path, .noSpace) }
        return try body()
    }
}
