public import Files

/// A file that this rank adds to a set.
public struct CheckpointFile: Sendable {
    /// What a file of a set is for.
    public enum Role: String, Codable, Sendable {
        /// All that the rank needs to carry on; one file a rank.
        case state

        /// Something for others that lies beside it, such as the layouts of slices.
        case companion

        /// The network for other programs, whole: where ranks share it, rank 0 gathers it from all.
        case network
    }

    /// The path below the directory of the set, such as "rank_0/LeNet5_train.ckpt"; no other rank may have the same.
    public let path: String

    /// What it is for.
    public let role: Role

    /// Writes the contents. The file is synchronized and closed afterwards by the publisher.
    public let write: @Sendable (any WritableFile) throws -> Void

    /// Describes a file. `write` is called once, on this rank alone and on any thread: it must not use the world.
    public init(_ path: String, role: Role = .state, write: @escaping @Sendable (any WritableFile) throws -> Void) {
        self.path = path
        self.role = role
        self.write = write
    }
}

/// A file of rank 0 to which all ranks contribute: whole tensors that lie in slices.
public struct GatheredFile: Sendable {
    /// The path below the directory of the set.
    public let path: String

    /// What it is for.
    public let role: CheckpointFile.Role

    /// Writes the contents: all ranks call it together, rank 0 with the file, the others with nil.
    public let write: @Sendable ((any WritableFile)?) throws -> Void

    /// Describes a file; all ranks describe the same one.
    ///
    /// `write` may use the world. Whatever goes wrong on a rank, it must throw only after it has sent and received all that the
    /// others wait for.
    public init(
        _ path: String, role: CheckpointFile.Role = .state,
        write: @escaping @Sendable ((any WritableFile)?) throws -> Void
    ) {
        self.path = path
        self.role = role
        self.write = write
    }
}
