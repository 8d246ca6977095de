import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Records
import Reporting
import Runs
import Synchronization
import SystemPackage
import Testing
import Training

@testable import Stopping

/// What `status.json` says of a run of two epochs of three steps.
struct StatusTests {
    private let disk = MemoryFileSystem()

    @Test func statusFollowsARunToItsEnd() throws {
        var states: [RunStatus.State?] = []
        let look = { (_: RunContext) in states.append(written?.state) }
        try train([Actor(.trainBegin, look), Actor(.trainStepEnd, look), Actor(.trainEnd, look)])
        #expect(states == [.starting] + Array(repeating: .running, count: 7))
        let status = try #require(written)
        #expect(status.state == .finished && status.step == 6 && !status.resumable && status.reason == nil)
        #expect(status.manifest == "\(output)/Net_train.manifest.json")
    }

    @Test func statusOfAStopSaysWhoAskedAndHowLongItTook() throws {
        let source = AskedSource()
        var stateWhileSaving: RunStatus.State?
        let actors = [
            Actor(.trainStepEnd) { context in if context.originalArgs().curStepNum == 2 { source.ask() } },
            Actor(.trainEnd) { _ in stateWhileSaving = written?.state },
        ]
        try train(actors, source)
        #expect(stateWhileSaving == .stopping)
        let status = try #require(written)
        #expect(status.state == .stopped && status.step == 2 && status.resumable && status.error == nil)
        #expect(status.reason == "a signal" && status.requestingRank == 0)
        #expect(status.request?.requester == "a person")
        #expect(status.secondsToPublish.map { $0 >= 0 } == true)
        #expect(status.processes.map(\.rank) == [0] && status.processes[0].processIdentifier > 0)
    }

    @Test func statusOfAFailureSaysWhatWentWrong() throws {
        #expect(throws: Boom.self) { try train([Actor.raising(.trainStepEnd, step: 2)]) }
        let status = try #require(written)
        #expect(status.state == .failed && status.error == "boom" && !status.resumable)
    }

    /// What a killed run leaves is what it said last.
    @Test func statusAlwaysSaysWhatCanBeCarriedOn() throws {
        let source = AskedSource()
        var resumable: [Bool?] = []
        let look = { (_: RunContext) in resumable.append(written?.resumable) }
        let ask = Actor(.trainStepEnd) { context in
            if context.originalArgs().curStepNum == 2 { source.ask() }
            look(context)
        }
        try train([Actor(.trainBegin, look), ask, Actor(.trainEnd, look)], source)
        #expect(resumable == [false, false, false, true])
        let manifest = try #require(written?.manifest)
        resumable = []
        let second = AskedSource()
        let askAgain = Actor(.trainStepEnd) { context in
            if context.originalArgs().curStepNum == 4 { second.ask() }
            look(context)
            #expect(written?.manifest == manifest)
        }
        try train([Actor(.trainBegin, look), askAgain, Actor(.trainEnd, look)], second)
        #expect(resumable == [true, true, true, true])
        resumable = []
        try train([Actor(.trainEnd, look)])
        #expect(resumable == [true] && written?.resumable == false)
    }

    @Test func statusOfARunThatFailsOnAFullDiskIsWritten() throws {
        let full = FullDisk(disk)
        let actor = Actor(.trainStepEnd) { context in
            guard context.originalArgs().curStepNum == 2 else { return }
            full.isFull.withLock { $0 = true }
            throw Boom()
        }
        #expect(throws: Boom.self) {
            try smallModel().train(
                2, smallLoader(steps: 3), callbacks: [StatusReport(directory: output, files: full), actor])
        }
        let status = try #require(written)
        #expect(status.state == .failed && status.error == "boom" && status.step == 2)
        #expect(try disk.names(in: output) == ["status.json"])
    }

    /// A run that is carried on is the same run, in another launch, and counts the steps of this one.
    @Test func statusTellsLaunchesOfARunApart() throws {
        let source = AskedSource()
        try train(
            [Actor(.trainStepEnd) { context in if context.originalArgs().curStepNum == 2 { source.ask() } }], source)
        let first = try #require(written)
        #expect(first.stepsMade == 2)
        try train([])
        let second = try #require(written)
        #expect(second.stepsMade == 4 && second.step == 6)
        #expect(second.run != nil && second.run == first.run)
        #expect(second.launch != nil && second.launch != first.launch)
    }

    @Test func allRanksAreNamed() throws {
        let disk = disk
        _ = try ThreadWorld.run(ranks: 3) { world in
            try smallModel(world: world).train(
                1, smallLoader(steps: 2, batchSize: 3), callbacks: StatusReport(directory: output, files: disk))
        }
        #expect(written?.processes.map(\.rank) == [0, 1, 2])
    }

    private var written: RunStatus? { RunStatus.read(in: output, files: disk) }

    private func train(_ actors: [Callback], _ source: AskedSource = AskedSource()) throws {
        let exit = try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], savesCompleted: true,
            stopping: StopOptions(sources: [source]), files: disk)
        try smallModel().train(
            2, smallLoader(steps: 3), callbacks: [StatusReport(directory: output, files: disk), exit] + actors)
    }
}

/// A disk without room, but for what the deletion of a large file gives back.
private final class FullDisk: ForwardingFileSystem {
    let base: any FileSystem
    let isFull = Mutex(false)

    init(_ base: any FileSystem) {
        self.base = base
    }

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        guard isFull.withLock({ $0 }) else { return try body() }
        guard operation != .write, operation != .create else { throw FileError(operation.rawValue, path, .noSpace) }
        let size = try base.status(of: path)?.byteCount ?? 0
        let result = try body()
        if operation == .delete, size >= 16 << 10 { isFull.withLock { $0 = false } }
        return result
    }
}
