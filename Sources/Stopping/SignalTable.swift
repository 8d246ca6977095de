import Glibc
import Synchronization

/// How many watches each signal has, and which handler was there before. Signals belong to the process, so there is one.
struct SignalTable {
    static let shared = Mutex(SignalTable())

    private var watches: [Int32: Int] = [:]
    private var before: [Int32: sigaction] = [:]

    mutating func watch(_ signal: Int32) {
        watches[signal, default: 0] += 1
        guard watches[signal] == 1 else { return }
        // A global is made at its first use, which must not be in the handler.
        ReceivedSignals.prepare()
        ReceivedSignals.forget(signal)
        before[signal] = unsafe Self.install(signal, noteSignal)
    }

    mutating func unwatch(_ signal: Int32) {
        watches[signal, default: 1] -= 1
        guard watches[signal] == 0, var old = before.removeValue(forKey: signal) else { return }
        unsafe sigaction(signal, &old, nil)
        ReceivedSignals.forget(signal)
    }

    /// Takes over from handlers that noted signals before this table did: what they have noted counts, and the handlers that they
    /// had replaced are put back in the end.
    mutating func adopt(_ early: [EarlySignal]) {
        for signal in early where watches[signal.number] != nil {
            var action = sigaction()
            if signal.wasIgnored { unsafe action.__sigaction_handler.sa_handler = SIG_IGN }
            before[signal.number] = action
        }
        for signal in early.sorted(by: { $0.arrival?.time ?? 0 < $1.arrival?.time ?? 0 }) {
            guard let (sender, time) = signal.arrival, watches[signal.number] != nil else { continue }
            ReceivedSignals.note(signal.number, sender: sender, at: time)
        }
    }

    typealias Handler = @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

    /// Installs a handler and returns what was there before.
    static func install(_ signal: Int32, _ handler: @escaping Handler) -> sigaction {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_sigaction = handler
        action.sa_flags = SA_RESTART | SA_SIGINFO
        var old = sigaction()
        unsafe sigaction(signal, &action, &old)
        return old
    }
}

/// What has come. A handler may do little more than such lock-free stores.
enum ReceivedSignals {
    /// One bit a signal.
    private static let bits = Atomic<UInt64>(0)

    /// How many signals have come in all.
    private static let count = Atomic<Int>(0)

    /// The number of the latest.
    private static let latestNumber = Atomic<Int32>(0)

    /// The process that sent it.
    private static let latestSender = Atomic<Int32>(0)

    /// The first signal of those not forgotten: its number above 32 bits, and the process that sent it.
    private static let firstSignal = Atomic<Int64>(0)

    /// When it came, in nanoseconds of the monotonic clock.
    private static let firstTime = Atomic<Int64>(0)

    static func prepare() {
        _ = (total, has(1))
        _ = (firstSignal.load(ordering: .relaxed), firstTime.load(ordering: .relaxed))
    }

    static func forget(_ signal: Int32) {
        bits.bitwiseAnd(~bit(of: signal), ordering: .relaxed)
        if first?.signal == signal { firstSignal.store(0, ordering: .relaxed) }
    }

    static func note(_ signal: Int32, sender: Int32, at time: Int64 = monotonicNanoseconds()) {
        let (isFirst, _) = firstSignal.compareExchange(
            expected: 0, desired: Int64(signal) << 32 | Int64(UInt32(bitPattern: sender)), ordering: .relaxed)
        if isFirst { firstTime.store(time, ordering: .relaxed) }
        latestNumber.store(signal, ordering: .relaxed)
        latestSender.store(sender, ordering: .relaxed)
        count.add(1, ordering: .relaxed)
        bits.bitwiseOr(bit(of: signal), ordering: .releasing)
    }

    static func has(_ signal: Int32) -> Bool { bits.load(ordering: .acquiring) & bit(of: signal) != 0 }

    /// How many have come, the number of the latest, and who sent it.
    static var total: (count: Int, latest: Int32, sender: Int32) {
        (count.load(ordering: .relaxed), latestNumber.load(ordering: .relaxed), latestSender.load(ordering: .relaxed))
    }

    /// The signal that came first, who sent it, and how long ago.
    static var first: (signal: Int32, sender: Int32, age: Duration)? {
        let word = firstSignal.load(ordering: .relaxed)
        guard word != 0 else { return nil }
        let age = monotonicNanoseconds() - firstTime.load(ordering: .relaxed)
        return (Int32(word >> 32), Int32(truncatingIfNeeded: word), .nanoseconds(age))
    }

    private static func bit(of signal: Int32) -> UInt64 { 1 << UInt64(signal - 1) }
}

/// The time since the machine started; a handler may read it.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Who sent a signal; 0 if that was the kernel.
func senderOfSignal(_ info: UnsafeMutablePointer<siginfo_t>?) -> Int32 {
    unsafe info?.pointee._sifields._kill.si_pid ?? 0
}

private func noteSignal(
    _ signal: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
) {
    unsafe ReceivedSignals.note(signal, sender: senderOfSignal(info))
}
