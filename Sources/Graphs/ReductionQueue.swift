import Collectives

/// The reductions of a program, which start and are awaited in one order on all ranks.
///
/// MPI moves a message only while the program is in an MPI call; ``advance()`` between two kernels is that call.
final class ReductionQueue {
    private let requests: [any AllReduceRequest]
    private var started = 0
    private var finished = 0

    init(_ requests: [any AllReduceRequest]) {
        self.requests = requests
    }

    func reset() {
        started = 0
        finished = 0
    }

    func startNext() throws(CollectiveError) {
        try requests[started].start()
        started += 1
    }

    func wait(upTo index: Int) throws(CollectiveError) {
        while finished <= index {
            try requests[finished].wait()
            finished += 1
        }
    }

    /// Moves what is under way a little forward, without waiting.
    func advance() throws(CollectiveError) {
        while finished < started, try requests[finished].test() { finished += 1 }
    }
}
