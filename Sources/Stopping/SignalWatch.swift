public import Files
import Glibc
import Synchronization

/// Notes signals instead of dying of them, as long as it exists.
///
/// Signals belong to the process: all watches see the same ones. When the last watch of a signal ends, the handler that
/// was there before is put back and the signal is forgotten.
public final class SignalWatch: StopSource, Sendable {
    /// The signals watched.
    public let signals: [Int32]

    private let surroundings: any Surroundings

    /// Starts watching.
    ///
    /// `early` returns what handlers that the program installed before have noted; it is called when they are replaced, so that
    /// no signal is lost in between.
    ///
    /// - Throws: ``SignalError`` for a number that is no signal or one that cannot be caught.
    public init(
        _ signals: [Int32], in surroundings: any Surroundings = .system, adopting early: () -> [EarlySignal] = { [] }
    ) throws(SignalError) {
        for signal in signals { try SignalError.check(signal) }
        self.surroundings = surroundings
        self.signals = Array(Set(signals)).sorted()
        SignalTable.shared.withLock { table in
            for signal in self.signals { table.watch(signal) }
            table.adopt(early())
        }
    }

    deinit {
        SignalTable.shared.withLock { table in
            for signal in signals { table.unwatch(signal) }
        }
    }

    /// Whether the process that started this one has switched a signal off, as `nohup` does with SIGHUP.
    ///
    /// Ask before the signal is watched.
    public static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        unsafe sigaction(signal, nil, &action)
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// The first of the watched signals that has come; nil if none has.
    public var received: Int32? { signals.first(where: ReceivedSignals.has) }

    /// `.signal` once one of the signals has come.
    public func poll() -> StopReason? { received == nil ? nil : .signal }

    /// Which signal came first, and who sent it.
    public var details: StopDetails {
        guard let received else { return StopDetails() }
        guard let first = ReceivedSignals.first, first.signal == received else {
            return StopDetails(SignalName.text(of: received))
        }
        let sender = first.sender > 0 ? "process \(first.sender)" : nil
        return StopDetails(SignalName.text(of: received), requester: sender, time: surroundings.now - first.age)
    }
}

/// The names of signals.
public enum SignalName {
    private static let numbers: [String: Int32] = [
        "TERM": SIGTERM, "INT": SIGINT, "HUP": SIGHUP, "USR1": SIGUSR1, "USR2": SIGUSR2, "QUIT": SIGQUIT,
        "ALRM": SIGALRM, "KILL": SIGKILL, "STOP": SIGSTOP, "CONT": SIGCONT, "TSTP": SIGTSTP, "XCPU": SIGXCPU,
        "ABRT": SIGABRT, "SEGV": SIGSEGV, "BUS": SIGBUS,
    ]

    /// All names, as in "SIGTERM".
    package static var all: [String] { numbers.keys.sorted().map { "SIG\($0)" } }

    /// The signal of a name or a number: TERM, SIGTERM, 15; nil if there is none.
    public static func number(of text: String) -> Int32? {
        let name = text.uppercased()
        return numbers[name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name] ?? Int32(text)
    }

    /// As in "SIGTERM", or "signal 40" for one without a name.
    public static func text(of signal: Int32) -> String {
        numbers.first { $0.value == signal }.map { "SIG\($0.key)" } ?? "signal \(signal)"
    }
}

/// A signal that cannot be used to ask for a stop.
public enum SignalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number of no signal.
    case unknown(Int32)
    /// SIGKILL and SIGSTOP never reach the program.
    case uncatchable(Int32)
    /// The C library keeps it for itself.
    case reserved(Int32)

    package static func check(_ signal: Int32) throws(SignalError) {
        guard (1...64).contains(signal) else { throw .unknown(signal) }
        guard signal != SIGKILL, signal != SIGSTOP else { throw .uncatchable(signal) }
        // glibc uses the first two real-time signals for threads, and refuses handlers of them.
        guard signal != 32, signal != 33 else { throw .reserved(signal) }
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .unknown(let number): "\(number) is no signal; signals are 1 to 64"
        case .uncatchable(let number):
            "signal \(number) (\(SignalName.text(of: number))) cannot ask for a stop: no program is told of it"
        case .reserved(let number):
            "signal \(number) cannot ask for a stop: the C library keeps it for itself"
        }
    }
}
