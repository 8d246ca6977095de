import Files
import SurroundingsTestKit
import SystemPackage
import Testing

@testable import Stopping

struct DeadlineTests {
    private let surroundings = VirtualSurroundings()
    private var start: ContinuousClock.Instant { surroundings.now - surroundings.elapsed }

    @Test func firstSaveIsTakenAsASecondAndMoreByTheSizeOfTheState() {
        // 500 MB: six seconds.
        let watch = deadline(end: .seconds(100), stateBytes: 500_000_000, RunPace())
        #expect(watch(93.9) == nil)
        #expect(watch(94.1) == .deadline)
    }

    @Test func slowestStepAndSaveSoFarMustFit() throws {
        let pace = RunPace()
        pace.note(step: .seconds(2))
        pace.note(step: .seconds(1))
        let watch = deadline(end: .seconds(100), stateBytes: 0, pace)
        #expect(watch(96.9) == nil)
        pace.note(step: .seconds(3))
        #expect(watch(96.9) == .deadline)
    }

    @Test func reserveIsLeftAndARequestStays() {
        let watch = deadline(end: .seconds(100), reserve: .seconds(20), stateBytes: 0, RunPace())
        #expect(watch(78.9) == nil)
        #expect(watch(79.1) == .deadline)
        #expect(watch(200) == .deadline)
    }

    @Test func deadlineThatIsPastIsCalledSo() {
        let past = DeadlineWatch(
            Deadline("a test", end: start - .seconds(5), reserve: .seconds(60)), stateBytes: 0, pace: RunPace(),
            in: surroundings)
        #expect(past.poll() == .deadline)
        #expect(past.details.explanation == "a test, which was 5.0 s ago")
        let near = DeadlineWatch(
            Deadline("a test", end: start + .seconds(30), reserve: .seconds(60)), stateBytes: 0, pace: RunPace(),
            in: surroundings)
        #expect(near.poll() == .deadline)
        #expect(
            near.details.explanation
                == "a test, 30.0 s before it, as a step and a save may take 1.0 s and 60.0 s are to be left")
    }

    /// What a watch says so many seconds after the start.
    private func deadline(
        end: Duration, reserve: Duration = .zero, stateBytes: Int, _ pace: RunPace
    ) -> (Double) -> StopReason? {
        let watch = DeadlineWatch(
            Deadline("a test", end: start + end, reserve: reserve), stateBytes: stateBytes, pace: pace,
            in: surroundings)
        return { seconds in
            surroundings.sleep(for: .seconds(seconds) - surroundings.elapsed)
            return watch.poll()
        }
    }
}
