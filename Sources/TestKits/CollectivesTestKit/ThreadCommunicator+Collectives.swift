import Collectives

extension ThreadCommunicator {
    func barrier() throws(CollectiveError) {
        _ = try exchangeAll(ThreadCall("barrier"), Span<UInt8>())
    }

    func broadcast<T: CollectiveElement>(_ values: inout MutableSpan<T>, from root: Int) throws(CollectiveError) {
        let call = ThreadCall("broadcast", "\(values.count) \(T.kind), from: \(root)")
        try checkPeer(root, call)
        let given = rank == root ? try exchangeAll(call, values.span) : try exchangeAll(call, Span<T>())
        fill(&values, from: given[root])
    }

    func reduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation, to root: Int
    ) throws(CollectiveError) {
        let call = ThreadCall("reduce", "\(values.count) \(T.kind), \(operation), to: \(root)")
        try checkPeer(root, call)
        let given = try exchangeAll(call, values.span)
        guard rank == root else { return }
        combine(given, from: 0, with: operation, into: &values)
    }

    func allReduce<T: CollectiveElement>(
        _ values: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        let call = ThreadCall("allReduce", "\(values.count) \(T.kind), \(operation)")
        combine(try exchangeAll(call, values.span), from: 0, with: operation, into: &values)
    }

    func gather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, to root: Int
    ) throws(CollectiveError) {
        let call = ThreadCall("gather", "\(values.count) \(T.kind), to: \(root)")
        try checkPeer(root, call)
        precondition(
            rank != root || result.count == size * values.count,
            "\(result.count) elements cannot hold \(values.count) of each of \(size) ranks")
        let given = try exchangeAll(call, values)
        guard rank == root else { return }
        concatenate(given, into: &result)
    }

    func allGather<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>
    ) throws(CollectiveError) {
        precondition(
            result.count == size * values.count,
            "\(result.count) elements cannot hold \(values.count) of each of \(size) ranks")
        concatenate(try exchangeAll(ThreadCall("allGather", "\(values.count) \(T.kind)"), values), into: &result)
    }

    func reduceScatter<T: CollectiveElement>(
        _ values: Span<T>, into result: inout MutableSpan<T>, with operation: ReduceOperation
    ) throws(CollectiveError) {
        precondition(
            values.count == size * result.count,
            "\(values.count) elements are not \(result.count) for each of \(size) ranks")
        let call = ThreadCall("reduceScatter", "\(values.count) \(T.kind), \(operation)")
        combine(try exchangeAll(call, values), from: rank * result.count, with: operation, into: &result)
    }

    /// Combines the elements from `offset` on that all ranks gave, in the order of ranks.
    func combine<T: CollectiveElement>(
        _ given: [[T]], from offset: Int, with operation: ReduceOperation, into result: inout MutableSpan<T>
    ) {
        for index in result.indices {
            var value = given[0][offset + index]
            for other in given.dropFirst() { value = operation.combine(value, other[offset + index]) }
            result[index] = operation == .average ? value.divided(among: size) : value
        }
    }

    func fill<T: CollectiveElement>(_ values: inout MutableSpan<T>, from given: [T]) {
        for index in values.indices { values[index] = given[index] }
    }

    private func concatenate<T: CollectiveElement>(_ given: [[T]], into result: inout MutableSpan<T>) {
        var end = 0
        for part in given {
            for index in part.indices { result[end + index] = part[index] }
            end += part.count
        }
    }
}
