import Collectives
import Memory
import SurroundingsTestKit

/// An all-reduce of simulated ranks that goes on beside other work: `start` gives the values away, the result is fetched when it
/// is asked for.
final class SimulatedRequest<T: CollectiveElement> {
    private let communicator: SimulatedCommunicator
    private let values: Slice<T>
    private let operation: ReduceOperation
    private let call: CollectiveCall
    private var seat: SimulatedCommunicator.Seat?

    init(over values: Slice<T>, with operation: ReduceOperation, on communicator: SimulatedCommunicator) {
        self.communicator = communicator
        self.values = values
        self.operation = operation
        call = CollectiveCall(.startAllReduce(operation), T.self, values.count)
    }

    private func finish(_ seat: SimulatedCommunicator.Seat) {
        let result: Slice<T> = communicator.combined(seat.meeting, with: operation)
        values.copy(from: result)
        communicator.leave(seat)
        self.seat = nil
    }
}

extension SimulatedRequest: AllReduceRequest {
    func start() throws(CollectiveError) {
        precondition(seat == nil, "a reduction on \(communicator.name) was started again before its end")
        // A span of a property would outlive the access to it.
        let values = values
        seat = try communicator.enter(call, with: Slice(copying: values.span).buffer)
    }

    func test() throws(CollectiveError) -> Bool {
        guard let seat else { return true }
        // Time passes for whoever asks again and again.
        let scheduler = communicator.exchange.scheduler
        _ = scheduler.wait(until: scheduler.time + .microseconds(10))
        guard seat.meeting.has(.all) else { return false }
        finish(seat)
        return true
    }

    func wait() throws(CollectiveError) {
        guard let seat else { return }
        communicator.wait(in: seat, for: .all, call)
        finish(seat)
    }
}
