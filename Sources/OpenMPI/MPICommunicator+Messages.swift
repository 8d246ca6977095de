import CMPI
public import Collectives

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MPICommunicator {
    public func send<T: CollectiveElement>(_ values: Span<T>, to rank: Int, tag: Int) throws(CollectiveError) {
        try checkPeer(rank, tag: tag, "MPI_Send")
        try unsafe values.withUnsafeBufferPointer { values throws(CollectiveError) in
            for piece in pieces(of: values.count, atMost: largestCount) {
                try unsafe check(
                    MPI_Send(
                        values.address(of: piece.lowerBound), Int32(piece.count), T.kind.datatype, Int32(rank),
                        Int32(tag), handle),
                    "MPI_Send")
            }
        }
    }

    public func receive<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from rank: Int, tag: Int
    ) throws(CollectiveError) {
        try checkPeer(rank, tag: tag, "MPI_Recv")
        try unsafe values.withUnsafeMutableBufferPointer { values throws(CollectiveError) in
            for piece in pieces(of: values.count, atMost: largestCount) {
                var status = MPI_Status()
                try unsafe check(
                    MPI_Recv(
                        values.address(of: piece.lowerBound), Int32(piece.count), T.kind.datatype, Int32(rank),
                        Int32(tag), handle, &status),
                    "MPI_Recv")
                try unsafe checkCount(&status, T.kind, expected: piece.count, from: rank)
            }
        }
    }
}

extension MPICommunicator {
    /// Throws if there is no such rank: MPI takes negative ranks for "any" and "nobody" and carries on.
    private func checkPeer(_ peer: Int, tag: Int, _ call: String) throws(CollectiveError) {
        // The range that every MPI has; −1 would mean "any tag" to a receiver.
        precondition((0...32767).contains(tag), "tag \(tag) is not in 0...32767")
        guard !(0..<size).contains(peer) else { return }
        throw CollectiveError(
            call: call, rank: rank, communicator: name, reason: "there is no rank \(peer) in a group of \(size)")
    }

    /// Throws if fewer elements came than were asked for, which MPI takes for success.
    private func checkCount(
        _ status: UnsafePointer<MPI_Status>, _ kind: CollectiveElementKind, expected: Int, from peer: Int
    ) throws(CollectiveError) {
        var received: Int32 = 0
        try unsafe check(MPI_Get_count(status, kind.datatype, &received), "MPI_Get_count")
        guard received != expected else { return }
        throw CollectiveError(
            call: "MPI_Recv", rank: rank, communicator: name,
            reason: "rank \(peer) sent \(received) elements where \(expected) were expected")
    }
}
