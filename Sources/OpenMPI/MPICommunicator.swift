import CMPI
public import Collectives

/// A group of ranks that are processes started by `mpirun`.
///
/// MPI's error handler is `MPI_ERRORS_RETURN`: a failed call throws a `CollectiveError` with MPI's own text. Counts
/// above 2^31 − 1 elements, the most that one MPI call takes, are split into pieces.
@safe public final class MPICommunicator: @unchecked Sendable {
    // Unchecked: calls are made from one thread, as the protocol demands, and nothing here changes after `init`.

    /// What the group is called in messages.
    public let name: String

    /// The number of this rank in the group, from 0.
    public let rank: Int

    /// How many ranks the group has.
    public let size: Int

    let handle: MPI_Comm?
    let largestCount: Int
    private let isOwned: Bool

    /// Wraps a communicator of MPI, which is freed at the end if it `isOwned`.
    init(_ handle: MPI_Comm?, name: String, largestCount: Int, isOwned: Bool = false) throws(CollectiveError) {
        precondition(largestCount > 0, "calls of at most \(largestCount) elements carry nothing")
        var rank: Int32 = 0
        var size: Int32 = 0
        try unsafe Self.check(MPI_Comm_rank(handle, &rank), "MPI_Comm_rank", rank: 0, name: name)
        try unsafe Self.check(
            MPI_Comm_set_errhandler(handle, cmpi_errors_return()), "MPI_Comm_set_errhandler", rank: rank, name: name)
        try unsafe Self.check(MPI_Comm_size(handle, &size), "MPI_Comm_size", rank: rank, name: name)
        unsafe self.handle = handle
        self.name = name
        self.rank = Int(rank)
        self.size = Int(size)
        self.largestCount = largestCount
        self.isOwned = isOwned
    }

    deinit {
        guard isOwned, !MPIEnvironment.isFinalized else { return }
        var handle = unsafe self.handle
        unsafe MPI_Comm_free(&handle)
    }

    /// Throws if an MPI call returned anything but success.
    func check(_ code: Int32, _ call: String) throws(CollectiveError) {
        try Self.check(code, call, rank: Int32(rank), name: name)
    }

    private static func check(_ code: Int32, _ call: String, rank: Int32, name: String) throws(CollectiveError) {
        guard code != MPI_SUCCESS else { return }
        throw CollectiveError(call: call, rank: Int(rank), communicator: name, reason: text(of: code))
    }

    private static func text(of code: Int32) -> String {
        var length: Int32 = 0
        var characters = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING))
        guard unsafe MPI_Error_string(code, &characters, &length) == MPI_SUCCESS else { return "error code \(code)" }
        return String(decoding: characters.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MPICommunicator: Communicator {
    public func split(color: Int, key: Int, name: String) throws(CollectiveError) -> any Communicator {
        // Negative colors mean "in no group" to MPI.
        precondition((0...Int(Int32.max)).contains(color), "color \(color) is not in 0...2147483647")
        var group: MPI_Comm?
        try unsafe check(MPI_Comm_split(handle, Int32(color), Int32(key), &group), "MPI_Comm_split")
        return try unsafe MPICommunicator(group, name: name, largestCount: largestCount, isOwned: true)
    }
}
