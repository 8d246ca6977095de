import Glibc
import Stopping
import Testing

/// Signals that a handler of the program's own noted before the library listened. Their numbers are ones that nobody sends.
struct EarlySignalTests {
    @Test func whatCameBeforeTheWatchIsHeard() throws {
        let early = EarlySignal(number: 40, wasIgnored: false, arrival: (sender: 7, time: 1))
        let watch = try SignalWatch([40]) { [early] }
        #expect(watch.received == 40 && watch.poll() == .signal)
    }

    @Test func whatIsNotWatchedIsNotHeard() throws {
        let early = EarlySignal(number: 41, wasIgnored: false, arrival: (sender: 7, time: 1))
        let watch = try SignalWatch([42]) { [early] }
        #expect(watch.poll() == nil)
        #expect(try SignalWatch([41]).poll() == nil)
    }

    /// Not the handler that only notes: nobody would hear of the signal any more.
    @Test(arguments: [false, true])
    func whatWasThereBeforeTheFirstHandlerIsPutBack(wasIgnored: Bool) throws {
        let number: Int32 = wasIgnored ? 44 : 43
        signal(number) { _ in }
        var watch: SignalWatch? = try SignalWatch([number]) {
            [EarlySignal(number: number, wasIgnored: wasIgnored, arrival: nil)]
        }
        withExtendedLifetime(watch) {}
        watch = nil
        #expect(SignalWatch.isIgnored(number) == wasIgnored)
    }
}
