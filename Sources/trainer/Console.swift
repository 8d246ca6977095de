import Foundation
import Glibc
import Lockstep
import Logging

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
            ?? (!MPIEnvironment.isUnderLauncher && isatty(1) == 1)
    }

    /// Prints a line.
    func say(_ line: String) {
        write(line + "\n")
    }

    /// Shows a line that the next one overwrites; only on a terminal.
    func show(_ line: String) {
        if isTerminal { write(line) }
    }

    private func write(_ text: String) {
        guard isShown else { return }
        let backToStart = isTerminal ? "\r\u{1B}[K" : ""
        // Nobody may be there to read it any more.
        try? FileHandle.standardOutput.write(contentsOf: Data((backToStart + text).utf8))
    }

    /// Prints an error, from this rank.
    static func fail(_ sentence: String) {
        try? FileHandle.standardError.write(contentsOf: Data("trainer: error: \(sentence)\n".utf8))
    }

    /// Sends the library's log messages to standard error; of other ranks than 0 only errors.
    static func startLogging(rank: Int) {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = rank == 0 ? .notice : .error
            return handler
        }
    }
}
