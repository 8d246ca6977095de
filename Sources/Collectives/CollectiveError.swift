/// A collective that failed.
public struct CollectiveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The call that failed, such as "MPI_Allreduce".
    public let call: String

    /// The rank it failed on, in the group.
    public let rank: Int

    /// The name of the group.
    public let communicator: String

    /// What went wrong, in words.
    public let reason: String

    /// Describes a failure.
    public init(call: String, rank: Int, communicator: String, reason: String) {
        self.call = call
        self.rank = rank
        self.communicator = communicator
        self.reason = reason
    }

    /// One sentence with call, rank, group and reason.
    public var description: String { "\(call) failed on rank \(rank) of \(communicator): \(reason)" }
}
