import Collectives
import Memory

extension SimulatedCommunicator {
    func barrier() throws(CollectiveError) {
        try meet(CollectiveCall(.barrier), Slice<UInt8>(zeros: 0), .all) { _ in }
    }

    func broadcast<T: CollectiveElement>(_ values: inout MutableSpan<T>, from root: Int) throws(CollectiveError) {
        let call = CollectiveCall(.broadcast(from: root), T.self, values.count)
        try checkPeer(root, call)
        let given = rank == root ? Slice(copying: values.span) : Slice<T>(zeros: 0)
        var received: Buffer?
        try meet(call, given, rank == root ? .nobody : .one(root)) { meeting in
            received = meeting.contributions[root]
        }
        if rank != root, let received { values.fill(from: received) }
    }

    func reduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation, to root: Int
    ) throws(CollectiveError) {
        let call = CollectiveCall(.reduce(operation, to: root), T.self, values.count)
        try checkPeer(root, call)
        var result: Slice<T>?
        try meet(call, Slice(copying: values.span), rank == root ? .all : .nobody) { meeting in
            if rank == root { result = combined(meeting, with: operation) }
        }
        if let result { values.fill(from: result.buffer) }
    }

    func allReduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        let call = CollectiveCall(.allReduce(operation), T.self, values.count)
        var result: Slice<T>?
        try meet(call, Slice(copying: values.span), .all) { result = combined($0, with: operation) }
        if let result { values.fill(from: result.buffer) }
    }

    func gather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, to root: Int
    ) throws(CollectiveError) {
        let call = CollectiveCall(.gather(to: root), T.self, values.count)
        try checkPeer(root, call)
        precondition(
            rank != root || result.count == size * values.count,
            "\(result.count) elements cannot hold \(values.count) of each of \(size) ranks")
        var given: [Buffer?] = []
        try meet(call, Slice(copying: values), rank == root ? .all : .nobody) { given = $0.contributions }
        if rank == root { result.fill(from: given) }
    }

    func allGather<T: CollectiveElement>(_ values: Span<T>, into result: inout MutableSpan<T>) throws(CollectiveError) {
        precondition(
            result.count == size * values.count,
            "\(result.count) elements cannot hold \(values.count) of each of \(size) ranks")
        var given: [Buffer?] = []
        try meet(CollectiveCall(.allGather, T.self, values.count), Slice(copying: values), .all) {
            given = $0.contributions
        }
        result.fill(from: given)
    }

    func reduceScatter<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        precondition(
            values.count == size * result.count,
            "\(values.count) elements are not \(result.count) for each of \(size) ranks")
        let call = CollectiveCall(.reduceScatter(operation), T.self, values.count)
        var whole: Slice<T>?
        try meet(call, Slice(copying: values), .all) { whole = combined($0, with: operation) }
        guard let whole else { return }
        let span = whole.span
        for index in result.indices { result[index] = span[rank * result.count + index] }
    }

    /// Brings values, waits for what is needed, and takes what there is then.
    func meet<T: CollectiveElement>(
        _ call: CollectiveCall, _ values: Slice<T>, _ need: Meeting.Need, _ take: (Meeting) -> Void
    ) throws(CollectiveError) {
        let seat = try enter(call, with: values.buffer)
        wait(in: seat, for: need, call)
        take(seat.meeting)
        leave(seat)
    }

    /// The values of all ranks, combined element by element by the first rank that asks.
    func combined<T: CollectiveElement>(_ meeting: Meeting, with operation: ReduceOperation) -> Slice<T> {
        if let result = meeting.result { return Slice(of: result) }
        let parts = meeting.contributions.compactMap { $0 }
        let result = Slice<T>(copying: Slice<T>(of: parts[0]).span)
        for part in parts.dropFirst() { Self.combine(result.buffer, part, T.kind, operation) }
        var sums = result.mutableSpan
        if operation == .average { for index in sums.indices { sums[index] = sums[index].divided(among: size) } }
        meeting.result = result.buffer
        return result
    }

    /// A call for each type, which the compiler makes fast: there are as many values as ranks and elements.
    private static func combine(
        _ sums: Buffer, _ values: Buffer, _ kind: CollectiveElementKind, _ operation: ReduceOperation
    ) {
        switch kind {
        case .float32: combine(Slice<Float>(of: sums), Slice(of: values), operation)
        case .float64: combine(Slice<Double>(of: sums), Slice(of: values), operation)
        case .int32: combine(Slice<Int32>(of: sums), Slice(of: values), operation)
        case .int64: combine(Slice<Int64>(of: sums), Slice(of: values), operation)
        case .byte: combine(Slice<UInt8>(of: sums), Slice(of: values), operation)
        }
    }

    private static func combine<T: CollectiveElement>(
        _ sumSlice: Slice<T>, _ valueSlice: Slice<T>, _ operation: ReduceOperation
    ) {
        var sums = sumSlice.mutableSpan
        let values = valueSlice.span
        switch operation {
        case .sum, .average: for index in sums.indices { sums[index] = T.sum(sums[index], values[index]) }
        case .maximum: for index in sums.indices { sums[index] = max(sums[index], values[index]) }
        case .minimum: for index in sums.indices { sums[index] = min(sums[index], values[index]) }
        }
    }
}

extension Slice where Element: CollectiveElement {
    /// All of a buffer.
    init(of buffer: Buffer) {
        self.init(of: buffer, count: buffer.byteCount / MemoryLayout<Element>.stride)
    }
}

extension MutableSpan where Element: CollectiveElement {
    /// Takes the values of a buffer.
    mutating func fill(from buffer: Buffer) {
        Slice<Element>(of: buffer, count: count).copy(to: &self)
    }

    /// Takes the values of buffers of one size, one after the other.
    mutating func fill(from buffers: [Buffer?]) {
        var end = 0
        for buffer in buffers.compactMap({ $0 }) {
            let values = Slice<Element>(of: buffer)
            values.copy(to: &self, at: end)
            end += values.count
        }
    }
}
