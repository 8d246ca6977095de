package import Files

/// The process of a rank.
package struct HangPeer: Sendable, Equatable, CustomStringConvertible {
    package let host: String
    package let process: Int32

    /// Describes a process.
    package init(host: String, process: Int32) {
        self.host = host
        self.process = process
    }

    /// The process that has these surroundings.
    package init(in surroundings: any Surroundings) {
        self.init(host: surroundings.host, process: Int32(truncatingIfNeeded: surroundings.processIdentifier))
    }

    package var description: String { "process \(process) on \(host)" }
}
