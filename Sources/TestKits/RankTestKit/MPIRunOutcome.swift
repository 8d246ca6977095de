public import Foundation

/// How a program under `mpirun` ended.
public struct MPIRunOutcome: CustomStringConvertible, Sendable {
    /// The exit code; 128 and the signal if one ended it.
    public let exitCode: Int32

    /// What all ranks printed.
    public let output: String

    /// What all ranks printed on standard error.
    public let errors: String

    /// All of it, for messages of tests.
    public var description: String { "exit code \(exitCode)\n--- output\n\(output)\n--- errors\n\(errors)" }
}

/// A program under `mpirun` that did not end in time and was killed.
public struct MPIRunHang: Error, CustomStringConvertible {
    /// How long it was given.
    public let limit: TimeInterval

    /// What it printed until then.
    public let outcome: MPIRunOutcome

    /// Both.
    public var description: String { "not ended after \(limit) seconds, so it was killed: \(outcome)" }
}

/// A program under `mpirun` that ended before what a test waited for.
public struct MPIRunOver: Error, CustomStringConvertible {
    /// What was waited for.
    public let awaited: String

    /// How it ended.
    public let outcome: MPIRunOutcome

    /// Both.
    public var description: String { "ended before \(awaited): \(outcome)" }
}
