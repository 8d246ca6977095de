import Collectives
import Memory

extension CommunicatorConformance {
    func checkRequests() throws {
        try checkRequest(Float.self)
        try checkRequest(Double.self)
        try checkRequest(Int32.self)
        try checkRequest(Int64.self)
        try checkRequest(UInt8.self)
        try checkRequestsUnderWayTogether()
    }

    private func checkRequest<T: ConformanceElement>(_ type: T.Type) throws {
        for operation in ReduceOperation.allCases {
            for count in [0, 1, 33, largeCount / 10] {
                let values = Slice<T>(zeros: count)
                let request = communicator.allReduceRequest(over: values, with: operation)
                for round in 0..<3 {
                    try startAndEnd(request, values, operation, polling: round == 1)
                }
            }
        }
    }

    private func startAndEnd<T: ConformanceElement>(
        _ request: any AllReduceRequest, _ values: Slice<T>, _ operation: ReduceOperation, polling: Bool
    ) throws {
        let check = "request (\(operation)) of \(values.count) \(T.kind)"
        try expect(check, try request.test(), "it is under way before its start")
        fill(values)
        try request.start()
        if polling {
            while try !request.test() {}
        }
        try request.wait()
        // A second end must not divide an average a second time.
        try request.wait()
        try expect(check, try request.test(), "it is under way after its end")
        try expectTotals(check, values, operation)
    }

    /// Several requests at once, ended in another order than started, with a blocking call between them.
    private func checkRequestsUnderWayTogether() throws {
        let operations = ReduceOperation.allCases
        let slices = operations.map { _ in Slice<Float>(zeros: 257) }
        let requests = zip(slices, operations).map { communicator.allReduceRequest(over: $0, with: $1) }
        for (slice, request) in zip(slices, requests) {
            fill(slice)
            try request.start()
        }
        try checkAllReduce(Int64.self, count: 5, .sum)
        for request in requests.reversed() { try request.wait() }
        for (slice, operation) in zip(slices, operations) {
            try expectTotals("request (\(operation)) beside others", slice, operation)
        }
    }

    private func fill<T: ConformanceElement>(_ values: Slice<T>) {
        var span = values.mutableSpan
        for index in span.indices { span[index] = T.term(rank: rank, size: size, index: index) }
    }

    private func expectTotals<T: ConformanceElement>(
        _ check: @autoclosure () -> String, _ values: Slice<T>, _ operation: ReduceOperation
    ) throws {
        let found = values.span.indices.map { values.span[$0] }
        try expect(check(), found) { T.total(operation, size: size, index: $0) }
    }
}
