import Glibc
import Synchronization

/// Remembers a signal that would have ended the program, so that an output under way can be deleted first.
enum Interruption {
    private static let received = Atomic<Int32>(0)

    /// The signal that came, if one did.
    static var signal: Int32? {
        let number = received.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// From now on signals are remembered only.
    static func listen() {
        // The handler must not be the first to use it: that may take a lock.
        _ = signal
        for number in [SIGINT, SIGTERM] {
            Glibc.signal(number) { Interruption.received.store($0, ordering: .relaxed) }
        }
    }
}
