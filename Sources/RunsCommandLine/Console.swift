import Foundation
import Lockstep
import Logging
import Simulation

/// What people see: lines of rank 0 on standard output, errors and warnings on standard error.
struct Console {
    private let isShown: Bool

    /// Whether lines can be overwritten. mpirun gives every rank a terminal of its own, which says nothing about where
    /// its output goes; so `launch/run` tells, and without it lines are not overwritten.
    let isTerminal: Bool

    init(rank: Int) {
        isShown = rank == 0
        isTerminal =
            ProcessInfo.processInfo.environment["LOCKSTEP_TERMINAL"].map { $0 == "1" }
            ?? (!MPIEnvironment.isUnderLauncher && StandardStream.output.isTerminal)
    }

    /// Prints a line, or several.
    func say(_ line: String) {
        write(line.visibleLines + "\n")
    }

    /// Shows a line that the next one overwrites; only on a terminal.
    func show(_ line: String) {
        if isTerminal { write(line) }
    }

    private func write(_ text: String) {
        guard isShown else { return }
        let backToStart = isTerminal ? "\r\u{1B}[K" : ""
        // Nobody may be there to read it any more.
        StandardStream.output.offer(backToStart + text)
    }

    /// Prints an error of a program, from this rank.
    static func fail(_ sentence: String, by program: String) {
        StandardStream.error.offer("\(program): error: \(sentence.visible)\n")
    }

    /// Sends the library's log messages to standard error; of other ranks than 0 only errors.
    static func startLogging(rank: Int) {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler(label: label, stream: ErrorLog())
            handler.logLevel = level(of: rank)
            return handler
        }
    }

    /// The same where all ranks are in this process: it is the one that speaks whose level counts.
    static func startLoggingOfSimulatedRanks() {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler(label: label, stream: ErrorLog())
            handler.logLevel = level(of: SimulatedWorld.runningRank ?? 0)
            return handler
        }
    }

    private static func level(of rank: Int) -> Logger.Level { rank == 0 ? .notice : .error }
}

/// Where log messages go: a reader of the log that takes nothing must not keep a run from its stop.
private struct ErrorLog: TextOutputStream {
    func write(_ text: String) {
        // A message is one line: what it tells of files must not look like others.
        StandardStream.error.offer(text.hasSuffix("\n") ? String(text.dropLast()).visible + "\n" : text.visible)
    }
}
