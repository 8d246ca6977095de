import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Dispatch
import Files
import Graphs
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

/// Saves that are written while the run goes on.
struct AsyncSaveTests {
    private let run = SavingRun()

    /// The parameters after each step, as a synchronous save holds them.
    private func weights(in run: SavingRun, _ name: String) throws -> [Float] {
        let file = try run.disk.open(output.appending("\(name).ckpt"))
        return try CheckpointFormats.open(file).tensor("dense.weight").elements(of: Float.self)
    }

    @Test func filesHoldTheStateOfTheirStep() throws {
        let (now, later) = (SavingRun(), SavingRun())
        try now.train([now.checkpoint(CheckpointConfig(keepCheckpointMax: 100))])
        try later.train([later.checkpoint(CheckpointConfig(keepCheckpointMax: 100, asyncSave: true))])
        #expect(try later.sets() == now.sets())
        for name in try now.sets() { #expect(try weights(in: later, name) == weights(in: now, name)) }
    }

    @Test func theRunGoesOnWhileAFileIsBeingWritten() throws {
        let gate = DispatchSemaphore(value: 0)
        let gated = InterceptedFileSystem(base: run.disk) { path throws(FileError) in
            if path.lastComponent?.string.hasPrefix(".CKP-1_2.ckpt") == true { gate.wait() }
        }
        let config = try CheckpointConfig(saveCheckpointSteps: 2, asyncSave: true)
        let checkpoint = try ModelCheckpoint(
            prefix: .fixed("CKP"), directory: .fixed(output.string), config: config, files: gated)
        let opening = Actor(.trainStepEnd) { context in
            // The save after step 2 cannot end before step 3 has.
            if context.originalArgs().curStepNum == 3 { gate.signal() }
        }
        try run.train([checkpoint, opening])
        #expect(try run.sets().last == "CKP-3_4")
    }

    @Test(arguments: [1, 4])
    func anErrorWhileWritingEndsTheRunOnAllRanks(ranks: Int) throws {
        let disk = run.disk
        let run = run
        let outcomes = ThreadWorld.runCollecting(ranks: ranks) { world in
            let failing = InterceptedFileSystem(base: disk) { path throws(FileError) in
                guard path.lastComponent?.string.contains("CKP-1_4") != true else {
                    throw FileError("create", path, .noSpace)
                }
            }
            let checkpoint = try ModelCheckpoint(
                prefix: .fixed("CKP"), directory: .fixed(output.string),
                config: CheckpointConfig(saveCheckpointSteps: 4, integratedSave: false, asyncSave: true),
                files: world.rank == ranks - 1 ? failing : disk)
            try run.train([checkpoint], world: world)
        }
        for outcome in outcomes { #expect(throws: (any Error).self) { try outcome.get() } }
        #expect(try run.sets() == [])
    }

    @Test(arguments: [1, 4])
    func whatIsBeingWrittenIsPublishedBeforeAnErrorEndsTheRun(ranks: Int) throws {
        let run = run
        _ = ThreadWorld.runCollecting(ranks: ranks) { world in
            let checkpoint = try run.checkpoint(CheckpointConfig(saveCheckpointSteps: 6, asyncSave: true))
            let failing = world.rank == 0 ? [Actor.raising(.trainStepEnd, step: 6)] : []
            try run.train([checkpoint] + failing, world: world)
        }
        #expect(try run.sets() == ["CKP-2_2"])
    }

    @Test(arguments: [1, 4])
    func aStopWhileAFileIsBeingWrittenLosesNothing(ranks: Int) throws {
        let run = run
        let gate = DispatchSemaphore(value: 0)
        let gated = InterceptedFileSystem(base: run.disk) { path throws(FileError) in
            if path.lastComponent?.string.hasPrefix(".CKP-2_2.ckpt") == true { gate.wait() }
        }
        _ = try ThreadWorld.run(ranks: ranks) { world in
            let config = try CheckpointConfig(saveCheckpointSteps: 6, asyncSave: true)
            let checkpoint = try ModelCheckpoint(
                prefix: .fixed("CKP"), directory: .fixed(output.string), config: config, files: gated)
            let stopping = Actor(.trainStepEnd) { context in
                if world.rank == ranks - 1, context.originalArgs().curStepNum == 7 { context.requestStop() }
            }
            // The loop is left, and nothing is published yet.
            let opening = Actor(.trainEnd) { _ in
                guard world.rank == 0 else { return }
                let published = try run.sets()
                #expect(published.isEmpty)
                gate.signal()
            }
            try run.train([opening, stopping, checkpoint], world: world)
        }
        // What was being written, and the state at the stop.
        #expect(try run.sets() == ["CKP-2_2", "CKP-2_3"])
    }
}

/// A disk that does something before it makes a file.
private struct InterceptedFileSystem: ForwardingFileSystem {
    let base: any FileSystem
    let beforeCreating: @Sendable (FilePath) throws(FileError) -> Void

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        if operation == .create { try beforeCreating(path) }
        return try body()
    }
}
