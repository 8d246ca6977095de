import Checkpoints
import Files
import Runs
import SurroundingsTestKit
import Testing
import Training

/// Dates are for people: saves go by a clock that only goes on.
struct SaveClockTests {
    /// The date is set back or forward by hours after every step, each of which takes ten seconds.
    @Test(arguments: [-7200.0, 7200])
    func savesAreMadeAfterSoManySecondsWhateverHappensToTheDate(jump: Double) throws {
        let surroundings = VirtualSurroundings()
        let run = SavingRun()
        let config = try CheckpointConfig(schedule: .seconds(15), retention: .everything)
        let step = Actor(.trainStepBegin) { context in
            context.surroundings.sleep(for: .seconds(10))
            surroundings.shiftDate(by: jump)
        }
        try run.train([step, run.checkpoint(config)], surroundings: surroundings)
        #expect(try run.sets() == ["CKP-1_2", "CKP-1_4", "CKP-2_2", "CKP-2_4", "CKP-3_2", "CKP-3_4"])
    }
}
