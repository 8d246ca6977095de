import Checkpoints
import Ciphers
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Runs
import Stopping
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
