import Files

/// The process of a rank.
package struct HangPeer: Sendable, Equatable, CustomStringConvertible {
    package let host: String
    package let process: Int32

    /// This process.
    package static var own: HangPeer { HangPeer(host: ThisProcess.host, process: Int32(ThisProcess.identifier)) }

    package var description: String { "process \(process) on \(host)" }
}
