import Collectives
import Memory

/// An all-reduce between threads: `start` gives this rank's values away, the result is fetched when it is asked for.
final class ThreadAllReduceRequest<T: CollectiveElement> {
    private let communicator: ThreadCommunicator
    private let values: Slice<T>
    private let operation: ReduceOperation
    private let call: ThreadCall
    private var seat: ThreadSeat?

    init(over values: Slice<T>, with operation: ReduceOperation, on communicator: ThreadCommunicator) {
        self.communicator = communicator
        self.values = values
        self.operation = operation
        // A name of its own: to MPI, too, one that blocks and one that does not are different calls.
        call = ThreadCall("allReduceRequest", "\(values.count) \(T.kind), \(operation)")
    }

    deinit {
        try? wait()
    }

    private func end(waits: Bool) throws(CollectiveError) -> Bool {
        guard let seat else { return true }
        do throws(ThreadFailure) {
            guard let given = try communicator.exchange.collect(seat, call, waits: waits) else { return false }
            self.seat = nil
            // A span of a property would outlive the access to it.
            let values = values
            var result = values.mutableSpan
            communicator.combine(
                given.map(ThreadCommunicator.elements), from: 0, with: operation, into: &result)
            return true
        } catch {
            self.seat = nil
            throw communicator.failed(call, error.reason)
        }
    }
}

extension ThreadAllReduceRequest: AllReduceRequest {
    func start() throws(CollectiveError) {
        precondition(seat == nil, "a reduction on \(communicator.name) was started again before its end")
        let seat = communicator.takeSeat()
        let values = values
        do throws(ThreadFailure) {
            try communicator.exchange.arrive(seat, call, ThreadCommunicator.copy(values.span))
        } catch {
            throw communicator.failed(call, error.reason)
        }
        self.seat = seat
    }

    func test() throws(CollectiveError) -> Bool { try end(waits: false) }

    func wait() throws(CollectiveError) { _ = try end(waits: true) }
}
