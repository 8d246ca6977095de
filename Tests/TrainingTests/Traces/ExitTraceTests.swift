import Runs
import Testing
import Training

/// What MindSpore's `OnRequestExit` was recorded to do, on one rank and on two.
@Suite(.serialized) struct ExitTraceTests {
    @Test func everyRecordedRequestIsReplayed() async throws {
        try await replayAll(
            ExitCase.file, as: ExitCase.self, differences: exitDifferences, notExpressible: exitNotExpressible)
    }

    @Test func everyRecordedRequestToRanksIsReplayed() async throws {
        try await replayAll(
            DistributedExitCase.file, as: DistributedExitCase.self, differences: distributedExitDifferences,
            notExpressible: distributedExitNotExpressible)
    }
}
