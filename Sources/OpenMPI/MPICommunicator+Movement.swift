import CMPI
public import Collectives

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MPICommunicator {
    public func barrier() throws(CollectiveError) {
        try unsafe check(MPI_Barrier(handle), "MPI_Barrier")
    }

    public func broadcast<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, from root: Int
    ) throws(CollectiveError) {
        try unsafe values.withUnsafeMutableBufferPointer { values throws(CollectiveError) in
            for piece in pieces(of: values.count, atMost: largestCount) {
                try unsafe check(
                    MPI_Bcast(
                        values.address(of: piece.lowerBound), Int32(piece.count), T.kind.datatype,
                        Int32(clamping: root), handle),
                    "MPI_Bcast")
            }
        }
    }

    public func gather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, to root: Int
    ) throws(CollectiveError) {
        precondition(
            rank != root || result.count == size * values.count,
            "\(result.count) elements cannot hold \(values.count) of each of \(size) ranks")
        try unsafe withPointers(values, &result) { values, result throws(CollectiveError) in
            try unsafe gatherPieces(of: values.count, as: T.self) { piece, placed throws(CollectiveError) in
                try unsafe check(
                    MPI_Gather(
                        values.address(of: piece.lowerBound), Int32(piece.count), T.kind.datatype,
                        result.address(of: piece.lowerBound), placed.count, placed.datatype,
                        Int32(clamping: root), handle),
                    "MPI_Gather")
            }
        }
    }

    public func allGather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>
    ) throws(CollectiveError) {
        precondition(
            result.count == size * values.count,
            "\(result.count) elements cannot hold \(values.count) of each of \(size) ranks")
        try unsafe withPointers(values, &result) { values, result throws(CollectiveError) in
            try unsafe gatherPieces(of: values.count, as: T.self) { piece, placed throws(CollectiveError) in
                try unsafe check(
                    MPI_Allgather(
                        values.address(of: piece.lowerBound), Int32(piece.count), T.kind.datatype,
                        result.address(of: piece.lowerBound), placed.count, placed.datatype, handle),
                    "MPI_Allgather")
            }
        }
    }
}

extension MPICommunicator {
    /// Gives the addresses of both spans to `body`.
    func withPointers<T: CollectiveElement>(
        _ values: Span<T>, _ result: inout MutableSpan<T>,
        _ body: (UnsafeBufferPointer<T>, UnsafeMutableBufferPointer<T>) throws(CollectiveError) -> Void
    ) throws(CollectiveError) {
        try unsafe result.withUnsafeMutableBufferPointer { result throws(CollectiveError) in
            try unsafe values.withUnsafeBufferPointer { values throws(CollectiveError) in
                try unsafe body(values, result)
            }
        }
    }

    /// How many of which type the receiver of a gathered piece takes from each rank.
    private typealias Placed = (count: Int32, datatype: MPI_Datatype?)

    /// Calls `body` with each piece of the `count` elements that every rank gives.
    ///
    /// What a rank gives lies `count` elements after what the rank before it gives, so a piece of it is received as one
    /// element of a type that is as long as the piece and reaches as far as `count`.
    private func gatherPieces<T: CollectiveElement>(
        of count: Int, as type: T.Type, _ body: (Range<Int>, Placed) throws(CollectiveError) -> Void
    ) throws(CollectiveError) {
        // All ranks together stay below the limit: MPI's own algorithms add up the counts of ranks in an int.
        let largest = max(largestCount / size, 1)
        guard count > largest else { return try unsafe body(0..<count, (Int32(count), T.kind.datatype)) }
        for piece in pieces(of: count, atMost: largest) {
            var datatype = try unsafe placedType(of: piece.count, reaching: count * MemoryLayout<T>.stride, T.kind)
            defer { unsafe MPI_Type_free(&datatype) }
            try unsafe body(piece, (1, datatype))
        }
    }

    private func placedType(
        of count: Int, reaching extent: Int, _ kind: CollectiveElementKind
    ) throws(CollectiveError) -> MPI_Datatype? {
        var row: MPI_Datatype?
        try unsafe check(MPI_Type_contiguous(Int32(count), kind.datatype, &row), "MPI_Type_contiguous")
        defer { unsafe MPI_Type_free(&row) }
        var placed: MPI_Datatype?
        try unsafe check(MPI_Type_create_resized(row, 0, extent, &placed), "MPI_Type_create_resized")
        try unsafe check(MPI_Type_commit(&placed), "MPI_Type_commit")
        return unsafe placed
    }
}
