import Networks
import Testing

@testable import Training

struct ScheduleTextTests {
    /// As before at the first step and the last, and at all others but one.
    @Test func oneStepOfManyTellsFunctionsApart() {
        func text(_ function: LearningRate) -> String { Model.text(ofSchedules: [function], upTo: 100_000) }
        let same = text(LearningRate { _ in 0.1 })
        #expect(text(LearningRate { _ in 0.1 }) == same)
        for step in [2, 1502, 99_999] {
            #expect(text(LearningRate { $0 == step ? 0.05 : 0.1 }) != same, "step \(step)")
        }
    }
}
