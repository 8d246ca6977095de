import CMPI
import Collectives
import Memory

/// An all-reduce in place over the memory of a slice, one `MPI_Iallreduce` a piece.
///
/// All it needs is set aside in `init`: to start, test and wait allocates nothing here.
@safe final class MPIAllReduceRequest {
    private let communicator: MPICommunicator
    private let operation: ReduceOperation
    private let kind: CollectiveElementKind
    private let stride: Int

    // Keeps alive the memory that `base` points into.
    private let buffer: Buffer
    private let base: UnsafeMutableRawPointer

    private let count: Int
    private let ranges: [Range<Int>]
    private var requests: [MPI_Request?]
    private var isPending = false
    private var failure = MPI_SUCCESS

    init<T: CollectiveElement>(over values: Slice<T>, with operation: ReduceOperation, on communicator: MPICommunicator)
    {
        self.communicator = communicator
        self.operation = operation
        kind = T.kind
        stride = MemoryLayout<T>.stride
        buffer = values.buffer
        unsafe base = UnsafeMutableRawPointer(values.pointer)
        count = values.count
        ranges = Array(pieces(of: values.count, atMost: communicator.largestCount))
        unsafe requests = Array(repeating: cmpi_request_null(), count: ranges.count)
    }

    deinit {
        // MPI writes into the memory until the end, so the memory must not go before.
        guard isPending, !MPIEnvironment.isFinalized else { return }
        try? wait()
    }

    /// Ends the reduction once all its pieces have ended; the first failure of any of them is thrown.
    private func end(_ call: String) throws(CollectiveError) {
        isPending = false
        try communicator.check(failure, call)
        unsafe operation.complete(base, count: count, kind: kind, ranks: communicator.size)
    }

    private func note(_ code: Int32) {
        if failure == MPI_SUCCESS { failure = code }
    }
}

extension MPIAllReduceRequest: AllReduceRequest {
    func start() throws(CollectiveError) {
        precondition(!isPending, "a reduction on \(communicator.name) was started again before its end")
        // Set before the first piece: should a later one fail, those under way must still be waited for.
        isPending = true
        failure = MPI_SUCCESS
        for (index, range) in ranges.enumerated() {
            let code = unsafe MPI_Iallreduce(
                cmpi_in_place(), base + range.lowerBound * stride, Int32(range.count), kind.datatype,
                operation.handle, communicator.handle, &requests[index])
            try communicator.check(code, "MPI_Iallreduce")
        }
    }

    func test() throws(CollectiveError) -> Bool {
        guard isPending else { return true }
        var isDone = true
        for index in ranges.indices {
            var flag: Int32 = 0
            let code = unsafe MPI_Test(&requests[index], &flag, cmpi_status_ignore())
            note(code)
            // A piece that failed is over, or who polls would never hear of it.
            isDone = isDone && (flag != 0 || code != MPI_SUCCESS)
        }
        if isDone { try end("MPI_Test") }
        return isDone
    }

    func wait() throws(CollectiveError) {
        guard isPending else { return }
        for index in ranges.indices {
            unsafe note(MPI_Wait(&requests[index], cmpi_status_ignore()))
        }
        try end("MPI_Wait")
    }
}
