package import Files

/// Something bad that a disk did, in an operation of a kind: what a table of coverage counts.
package struct DiskStrike: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// What happened.
    package enum Kind: String, Sendable, CaseIterable {
        /// It failed once.
        case failed = "fails"
        case noRoom = "no room"
        case readOnly = "read-only"
        case shortWrite = "short write"
        /// It was done, and an error was said.
        case unheard
        case otherBytes = "other bytes"
        case slow
        case stalled = "stalls"
        /// The bytes of a failed synchronization were lost, and the next one succeeded.
        case droppedBytes = "dropped bytes"
        /// The process was killed in it.
        case killed
        /// A host saw names as they no longer are.
        case lateName = "late name"
        case lostName = "lost name"
        case reorderedName = "reordered name"
        case lostBytes = "lost bytes"
        case tornBytes = "torn bytes"
        case holes
        /// A host died with bytes that it had not sent to the storage.
        case unsentBytes = "unsent bytes"
    }

    /// What happened.
    package let kind: Kind

    /// In what; of a power failure, what was undone.
    package let operation: FileOperation

    package init(kind: Kind, operation: FileOperation) {
        self.kind = kind
        self.operation = operation
    }

    package var description: String { "\(kind.rawValue) in \(operation.rawValue)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.kind.rawValue, left.operation.rawValue) < (right.kind.rawValue, right.operation.rawValue)
    }
}
