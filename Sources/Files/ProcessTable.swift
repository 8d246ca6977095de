import Foundation

/// What the system says about the processes of this machine.
package struct ProcessTable: Sendable {
    /// The text of `/proc/<process>/status`; nil if there is no such process.
    package let status: @Sendable (Int32) -> String?

    /// Makes a table of one's own, for tests.
    package init(status: @escaping @Sendable (Int32) -> String?) { self.status = status }

    /// That of the machine of a rank.
    package init(in surroundings: any Surroundings) {
        self.init { surroundings.status(ofProcess: $0) }
    }

    /// Whether a debugger holds a process.
    package func isTraced(_ process: Int32) -> Bool {
        guard let tracer = field("TracerPid", of: process) else { return false }
        return tracer != "0"
    }

    /// Why a process of this machine may say nothing.
    package func silence(of process: Int32) -> String {
        guard let state = field("State", of: process)?.first else { return "its process is gone" }
        switch state {
        case "T": return "its process is stopped by a signal"
        case "t": return "its process is held by a debugger"
        case "Z", "X": return "its process is dead"
        case "D": return "its process waits in the kernel, perhaps for a disk"
        default: return "its process runs, but its watchdog does not answer"
        }
    }

    /// What a process is called; nil if it is gone.
    package func name(of process: Int32) -> String? { field("Name", of: process) }

    /// Who started a process, or has taken it over; nil if it is gone.
    package func parent(of process: Int32) -> Int32? { field("PPid", of: process).flatMap { Int32($0) } }

    private func field(_ name: String, of process: Int32) -> String? {
        status(process)?.split(separator: "\n").first { $0.hasPrefix("\(name):") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
}
