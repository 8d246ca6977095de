import Testing

@testable import Watching

/// A timer of ten seconds that is told the time every second.
@Suite struct HangTimerTests {
    private var timer = HangTimer(timeout: .seconds(10), interval: .seconds(1))

    @Test mutating func isHungWhenNothingMovedForTheTimeout() {
        #expect(firstHang(seconds: 0...30, beats: { _ in 7 }) == 10)
    }

    @Test mutating func isNeverHungWhileSomethingMoves() {
        #expect(firstHang(seconds: 0...100, beats: { $0 / 9 }) == nil)
    }

    @Test mutating func timeCountsFromTheLastBeat() {
        #expect(firstHang(seconds: 0...30, beats: { min($0, 6) }) == 16)
    }

    /// As while the process is stopped by job control, or a debugger.
    @Test mutating func timeInWhichTheProcessDidNotRunDoesNotCount() {
        #expect(firstHang(seconds: 0...6, beats: { _ in 1 }) == nil)
        #expect(firstHang(seconds: 3600...3630, beats: { _ in 1 }) == 3604)
    }

    @Test mutating func resetBeginsAnew() {
        #expect(firstHang(seconds: 0...9, beats: { _ in 1 }) == nil)
        timer.reset()
        #expect(firstHang(seconds: 10...40, beats: { _ in 1 }) == 20)
    }

    /// The second at which the timer first says so.
    private mutating func firstHang(seconds: ClosedRange<Int>, beats: (Int) -> Int) -> Int? {
        for second in seconds where timer.isHung(at: .seconds(second), beats: beats(second)) { return second }
        return nil
    }
}
