public import Stopping

/// An error that ends a program of ranks with a status of its own.
public struct RunFailure: Error, CustomStringConvertible {
    /// How the program ends.
    public let status: ExitStatus

    /// What went wrong, in one sentence.
    public let description: String

    /// Gives an error a status.
    public init(_ error: any Error, _ status: ExitStatus) {
        description = "\(error)"
        self.status = status
    }
}
