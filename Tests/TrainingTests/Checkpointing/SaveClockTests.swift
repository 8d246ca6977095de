import Checkpoints
import Foundation
import Runs
import Synchronization
import Testing
import Training

/// Dates are for people: saves go by a clock that only goes on.
struct SaveClockTests {
    /// The date is set back or forward by hours after every step, each of which takes ten seconds.
    @Test(arguments: [-7200.0, 7200])
    func savesAreMadeAfterSoManySecondsWhateverHappensToTheDate(jump: Double) throws {
        let (start, steps) = (ContinuousClock.now, StepCount())
        let clock = SaveClock(
            now: { start + .seconds(10 * steps.count.withLock { $0 }) },
            date: { Date(timeIntervalSince1970: 1e9 + jump * Double(steps.count.withLock { $0 })) })
        let run = SavingRun()
        let config = try CheckpointConfig(schedule: .seconds(15), retention: .everything)
        let step = Actor(.trainStepBegin) { _ in steps.count.withLock { $0 += 1 } }
        try run.train([step, run.checkpoint(config, clock: clock)])
        #expect(try run.sets() == ["CKP-1_2", "CKP-1_4", "CKP-2_2", "CKP-2_4", "CKP-3_2", "CKP-3_4"])
    }
}

private final class StepCount: Sendable {
    let count = Mutex(0)
}
