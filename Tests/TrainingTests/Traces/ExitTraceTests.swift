import Testing
import Training

/// What MindSpore's `OnRequestExit` was recorded to do on one rank. Its recorded distributed mode needs a request to every
/// rank; Lockstep's needs one, which `StopMomentTests` show.
@Suite(.serialized) struct ExitTraceTests {
    @Test func everyRecordedRequestIsReplayed() async throws {
        let cases = ExitCase.file.cases()
        let differences = exitDifferences.mapValues { expected in
            DeliberateDifference(expected.reason) {
                let found = try #require(cases.first { $0.name == expected.name })
                let exitCase = ExitCase(found)
                let outcome = try exitCase.replay()
                #expect(outcome == expected.outcome, "\(expected.name)")
                #expect(outcome != exitCase.recorded, "\(expected.name) is no difference")
            }
        }
        try await replayAll(
            "on_request_exit.json", cases, deliberateDifferences: differences, notExpressible: exitNotExpressible
        ) { traceCase in
            let exitCase = ExitCase(traceCase)
            let outcome = try exitCase.replay()
            #expect(outcome == exitCase.recorded, "\(traceCase.name)")
            return true
        }
    }
}

/// A case in which Lockstep stops elsewhere.
struct ExitDifference {
    /// Why.
    enum Reason: String {
        case noVariable = "no environment variable is needed"
        case noStepMore = "the run stops after the step under way, not one later"
        case notWithdrawn = "what the file said during a step counts, even if it says otherwise after it"
        case noObject = "a file that is no JSON object is ignored and does not end the run"
        case otherJSON = "a comma or a mark too many is read over, and of two equal keys the first counts"
        case evaluationToo = "the file stops an evaluation too"
        case noValidation = "a validation is neither begun nor gone on with"
    }

    let name: String
    let reason: String
    let outcome: ExitCase.Outcome

    init(_ name: String, _ reason: Reason, _ trainSteps: Int, evalSteps: Int, _ files: [String]) {
        self.name = name
        self.reason = reason.rawValue
        outcome = ExitCase.Outcome(trainSteps: trainSteps, evalSteps: evalSteps, files: files)
    }
}
