import CMPI
public import Collectives
public import Memory

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MPICommunicator {
    public func reduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation, to root: Int
    ) throws(CollectiveError) {
        try unsafe values.withUnsafeMutableBufferPointer { values throws(CollectiveError) in
            for piece in pieces(of: values.count, atMost: largestCount) {
                let start = unsafe values.address(of: piece.lowerBound)
                try unsafe check(
                    MPI_Reduce(
                        rank == root ? cmpi_in_place() : start, rank == root ? start : nil, Int32(piece.count),
                        T.kind.datatype, operation.handle, Int32(clamping: root), handle),
                    "MPI_Reduce")
            }
            guard rank == root else { return }
            unsafe operation.complete(values.address(of: 0), count: values.count, kind: T.kind, ranks: size)
        }
    }

    public func allReduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        try unsafe values.withUnsafeMutableBufferPointer { values throws(CollectiveError) in
            for piece in pieces(of: values.count, atMost: largestCount) {
                try unsafe check(
                    MPI_Allreduce(
                        cmpi_in_place(), values.address(of: piece.lowerBound), Int32(piece.count), T.kind.datatype,
                        operation.handle, handle),
                    "MPI_Allreduce")
            }
            unsafe operation.complete(values.address(of: 0), count: values.count, kind: T.kind, ranks: size)
        }
    }

    public func reduceScatter<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        precondition(
            values.count == size * result.count,
            "\(values.count) elements are not \(result.count) for each of \(size) ranks")
        try unsafe withPointers(values, &result) { values, result throws(CollectiveError) in
            if values.count <= largestCount {
                try unsafe check(
                    MPI_Reduce_scatter_block(
                        values.address(of: 0), result.address(of: 0), Int32(result.count), T.kind.datatype,
                        operation.handle, handle),
                    "MPI_Reduce_scatter_block")
            } else {
                try unsafe reduceEachPart(values, into: result, with: operation)
            }
            unsafe operation.complete(result.address(of: 0), count: result.count, kind: T.kind, ranks: size)
        }
    }

    public func allReduceRequest<T: CollectiveElement>(
        over values: Slice<T>, with operation: ReduceOperation
    ) -> any AllReduceRequest {
        MPIAllReduceRequest(over: values, with: operation, on: self)
    }
}

extension MPICommunicator {
    /// Reduces part after part to the rank that receives it: pieces of one `MPI_Reduce_scatter_block` would not lie
    /// together in memory, and packing them would need as much memory again.
    private func reduceEachPart<T: CollectiveElement>(
        _ values: UnsafeBufferPointer<T>, into result: UnsafeMutableBufferPointer<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        for root in 0..<size {
            for piece in pieces(of: result.count, atMost: largestCount) {
                try unsafe check(
                    MPI_Reduce(
                        values.address(of: root * result.count + piece.lowerBound),
                        rank == root ? result.address(of: piece.lowerBound) : nil, Int32(piece.count),
                        T.kind.datatype, operation.handle, Int32(root), handle),
                    "MPI_Reduce")
            }
        }
    }
}
