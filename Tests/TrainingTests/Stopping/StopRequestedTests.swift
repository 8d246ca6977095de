import CheckpointsTestKit
import Glibc
import Runs
import SystemPackage
import Testing
import Training

@testable import Stopping

/// When `RunContext.getStopRequested()` says so.
struct StopRequestedTests {
    /// Asks before each step end of the run, and notes whether a callback after it is told.
    private func heard(_ hook: Hook, asking: @escaping (RunContext) -> Void) throws -> [Bool] {
        var heard: [Bool] = []
        let source = OneRequest()
        let first = Actor(.trainBegin) { $0.addStopSource(source) }
        let asks = Actor(hook) { context in
            #expect(!context.getStopRequested(), "not before it is asked")
            source.isAsked = true
            asking(context)
        }
        let later = Actor(hook) { heard.append($0.getStopRequested()) }
        let validating = hook == .evalStepEnd ? try smallLoader(steps: 1, batchSize: 4) : nil
        try SavingRun().train([first, asks, later], validating: validating)
        return heard
    }

    @Test(arguments: [Hook.trainEpochBegin, .trainStepBegin, .trainStepEnd, .trainEpochEnd, .evalStepEnd])
    func aRequestFromOutsideIsKnownToLaterCallbacksOfTheSameHook(hook: Hook) throws {
        #expect(try heard(hook) { _ in } == [true])
    }

    @Test(arguments: [Hook.trainEpochBegin, .trainStepBegin, .trainStepEnd])
    func aCallbacksRequestIsKnownToLaterCallbacksOfTheSameHook(hook: Hook) throws {
        #expect(try heard(hook) { $0.requestStop() } == [true])
    }

    @Test func aSignalIsKnownToLaterCallbacksOfTheSameHook() throws {
        let disk = MemoryFileSystem()
        let exit = try OnRequestExit(
            saveCkpt: false, saveMindIR: false, directory: output.string, signals: [SIGUSR2], files: disk)
        var heard: [Bool] = []
        let asks = Actor(.trainStepEnd) { _ in
            // Another thread may get it: this waits until it has come.
            let watch = try SignalWatch([SIGUSR2])
            kill(getpid(), SIGUSR2)
            while watch.received == nil { sched_yield() }
        }
        let later = Actor(.trainStepEnd) { heard.append($0.getStopRequested()) }
        try SavingRun(disk: disk).train([asks, exit, later])
        #expect(heard == [true])
    }
}

private final class OneRequest: StopSource {
    var isAsked = false

    func poll() -> StopReason? { isAsked ? .callback : nil }
}
