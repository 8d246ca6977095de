package import Files

/// A change of what is visible or durable on a disk.
package struct DiskChange: Sendable, CustomStringConvertible {
    /// The number of the operation that made it, from 1.
    package let number: Int

    /// What was done.
    package let operation: FileOperation

    /// What it was done to.
    package let path: String

    /// Where something was moved to.
    package let target: String?

    /// The host that did it.
    package let host: Int

    /// The process that did it.
    package let process: Int

    /// One line: "operation 214 of process 3 on host 1: rename a to b".
    package var description: String {
        let moved = target.map { " to \($0)" } ?? ""
        return "operation \(number) of process \(process) on host \(host): \(operation.rawValue) \(path)\(moved)"
    }
}
