import Glibc
import Synchronization

/// Notes signals instead of dying of them, as long as it exists.
///
/// Signals belong to the process: all watches see the same ones. When the last watch of a signal ends, the handler that
/// was there before is put back and the signal is forgotten.
public final class SignalWatch: StopSource, Sendable {
    /// The signals watched.
    public let signals: [Int32]

    /// Starts watching.
    ///
    /// - Throws: ``SignalError`` for a number that is no signal or one that cannot be caught.
    public init(_ signals: [Int32]) throws(SignalError) {
        for signal in signals { try SignalError.check(signal) }
        self.signals = Array(Set(signals)).sorted()
        SignalTable.shared.withLock { table in
            for signal in self.signals { table.watch(signal) }
        }
    }

    deinit {
        SignalTable.shared.withLock { table in
            for signal in signals { table.unwatch(signal) }
        }
    }

    /// The first of the watched signals that has come; nil if none has.
    public var received: Int32? {
        let bits = receivedSignals.load(ordering: .relaxed)
        return bits == 0 ? nil : signals.first { bits & bit(of: $0) != 0 }
    }

    /// `.signal` once one of the signals has come.
    public func poll() -> StopReason? { received == nil ? nil : .signal }
}

/// A signal that cannot be used to ask for a stop.
public enum SignalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number of no signal.
    case unknown(Int32)
    /// SIGKILL and SIGSTOP never reach the program.
    case uncatchable(Int32)

    static func check(_ signal: Int32) throws(SignalError) {
        guard (1...64).contains(signal) else { throw .unknown(signal) }
        guard signal != SIGKILL, signal != SIGSTOP else { throw .uncatchable(signal) }
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .unknown(let number): "\(number) is no signal; signals are 1 to 64"
        case .uncatchable(let number):
            "signal \(number) (\(number == SIGKILL ? "SIGKILL" : "SIGSTOP")) cannot ask for a stop: "
                + "no program is told of it"
        }
    }
}

/// One bit a signal that has come. A handler may do little more than such a lock-free store.
private let receivedSignals = Atomic<UInt64>(0)

private func bit(of signal: Int32) -> UInt64 { 1 << UInt64(signal - 1) }

private func noteSignal(_ signal: Int32) {
    receivedSignals.bitwiseOr(bit(of: signal), ordering: .relaxed)
}

/// Which signals are watched how often, and what was there before.
private struct SignalTable {
    static let shared = Mutex(SignalTable())

    private var watches: [Int32: Int] = [:]
    private var before: [Int32: sigaction] = [:]

    mutating func watch(_ signal: Int32) {
        watches[signal, default: 0] += 1
        guard watches[signal] == 1 else { return }
        // The first use of a global makes it; that must not happen in the handler.
        receivedSignals.bitwiseAnd(~bit(of: signal), ordering: .relaxed)
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = noteSignal
        action.sa_flags = SA_RESTART
        var old = sigaction()
        unsafe sigaction(signal, &action, &old)
        before[signal] = old
    }

    mutating func unwatch(_ signal: Int32) {
        watches[signal, default: 1] -= 1
        guard watches[signal] == 0, var old = before.removeValue(forKey: signal) else { return }
        unsafe sigaction(signal, &old, nil)
        receivedSignals.bitwiseAnd(~bit(of: signal), ordering: .relaxed)
    }
}
