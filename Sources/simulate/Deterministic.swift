import Files
import Foundation
import Logging
import SystemPackage

/// What a process of the simulation needs so that it repeats to the event.
enum Deterministic {
    private static let variable = "SWIFT_DETERMINISTIC_HASHING"

    /// Starts the program again with hashes that are the same each time, unless they are: the order of sets and dictionaries
    /// depends on them.
    static func ensure() {
        guard ProcessInfo.processInfo.environment[variable] == nil else { return }
        _ = ThisProcess.become("/proc/self/exe", Array(CommandLine.arguments.dropFirst()), settings: [variable: "1"])
        // It goes on as it is where that cannot be; only the order of some events may differ from run to run.
    }
}

/// Log messages of simulated ranks are of no interest.
enum QuietLog {
    static func begin() { LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() } }
}
