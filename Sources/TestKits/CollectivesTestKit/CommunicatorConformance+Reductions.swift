import Collectives

extension CommunicatorConformance {
    func terms<T: ConformanceElement>(_ count: Int) -> [T] {
        (0..<count).map { T.term(rank: rank, size: size, index: $0) }
    }

    func checkReduce<T: ConformanceElement>(
        _ type: T.Type, count: Int, _ operation: ReduceOperation, to root: Int
    ) throws {
        var values: [T] = terms(count)
        var span = values.mutableSpan
        try communicator.reduce(&span, with: operation, to: root)
        try expect("reduce (\(operation)) of \(count) \(T.kind) to \(root)", values) { index in
            rank == root
                ? T.total(operation, size: size, index: index) : T.term(rank: rank, size: size, index: index)
        }
    }

    func checkAllReduce<T: ConformanceElement>(_ type: T.Type, count: Int, _ operation: ReduceOperation) throws {
        var values: [T] = terms(count)
        var span = values.mutableSpan
        try communicator.allReduce(&span, with: operation)
        try expect("allReduce (\(operation)) of \(count) \(T.kind)", values) {
            T.total(operation, size: size, index: $0)
        }
    }

    func checkReduceScatter<T: ConformanceElement>(_ type: T.Type, count: Int, _ operation: ReduceOperation) throws {
        let values: [T] = terms(size * count)
        var result = [T](repeating: .of(0), count: count)
        var span = result.mutableSpan
        try communicator.reduceScatter(values.span, into: &span, with: operation)
        try expect("reduceScatter (\(operation)) of \(count) \(T.kind) each", result) {
            T.total(operation, size: size, index: rank * count + $0)
        }
    }

    /// Sums that depend on the order of addition must come out alike on all ranks and each time.
    func checkSameBitsOnAllRanks() throws {
        let count = 1_001
        let values = (0..<count).map { 1 / Float(3 + rank * count + $0) }
        var first = values
        var firstSpan = first.mutableSpan
        try communicator.allReduce(&firstSpan, with: .sum)
        var second = values
        var secondSpan = second.mutableSpan
        try communicator.allReduce(&secondSpan, with: .sum)
        try expect("second allReduce of the same values", second.map(\.bitPattern)) { first[$0].bitPattern }

        var ofRankZero = first
        var span = ofRankZero.mutableSpan
        try communicator.broadcast(&span, from: 0)
        try expect("sum on this rank against rank 0's", first.map(\.bitPattern)) { ofRankZero[$0].bitPattern }
    }
}
