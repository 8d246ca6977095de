public import Collectives

/// What every `Communicator` must do, as one suite that all its ranks run together.
///
/// ```swift
/// _ = try ThreadWorld.run(ranks: 4) { world in try CommunicatorConformance(world).run() }
/// ```
///
/// The expected values are computed from rank and size. Groups of up to 51 ranks; the bytes wrap around above.
public struct CommunicatorConformance {
    let communicator: any Communicator
    let largeCount: Int

    var rank: Int { communicator.rank }
    var size: Int { communicator.size }

    /// Makes the suite for one rank; every rank of the group must make one and run it.
    ///
    /// `largeCount` is how many elements the largest arrays have.
    public init(_ communicator: any Communicator, largeCount: Int = 100_000) {
        self.communicator = communicator
        self.largeCount = largeCount
    }

    /// Runs all checks; throws a ``CommunicatorConformanceFailure`` at the first that fails.
    public func run() throws {
        try checkElementTypes(counts: [0, 1, 7, 33])
        try checkLargeArrays()
        try checkSameBitsOnAllRanks()
        try checkRequests()
        try checkMessages()
        try checkParts()
        try checkGroups()
    }

    /// Checks the operations that move and combine values, for each element type.
    func checkElementTypes(counts: [Int]) throws {
        for count in counts {
            try check(Float.self, count: count)
            try check(Double.self, count: count)
            try check(Int32.self, count: count)
            try check(Int64.self, count: count)
            try check(UInt8.self, count: count)
        }
    }

    private func check<T: ConformanceElement>(_ type: T.Type, count: Int) throws {
        try communicator.barrier()
        for root in 0..<size {
            try checkBroadcast(type, count: count, from: root)
            try checkGather(type, count: count, to: root)
        }
        try checkAllGather(type, count: count)
        for operation in ReduceOperation.allCases {
            for root in 0..<size { try checkReduce(type, count: count, operation, to: root) }
            try checkAllReduce(type, count: count, operation)
            try checkReduceScatter(type, count: count, operation)
        }
    }

    private func checkLargeArrays() throws {
        try checkBroadcast(Double.self, count: largeCount, from: size - 1)
        try checkGather(Int64.self, count: largeCount / size, to: 0)
        try checkAllGather(Float.self, count: largeCount / size)
        try checkReduce(Int32.self, count: largeCount, .maximum, to: 0)
        try checkAllReduce(Float.self, count: largeCount, .average)
        try checkReduceScatter(UInt8.self, count: largeCount / size, .sum)
    }

    /// Throws if `found` is not what `expected` says for each index.
    func expect<T: Equatable>(_ check: @autoclosure () -> String, _ found: [T], _ expected: (Int) -> T) throws {
        for (index, value) in found.enumerated() where value != expected(index) {
            throw CommunicatorConformanceFailure(
                check: check(), rank: rank, size: size, communicator: communicator.name,
                finding: "element \(index) is \(value), expected \(expected(index))")
        }
    }

    /// Throws if `condition` does not hold.
    func expect(_ check: @autoclosure () -> String, _ condition: Bool, _ finding: @autoclosure () -> String) throws {
        guard !condition else { return }
        throw CommunicatorConformanceFailure(
            check: check(), rank: rank, size: size, communicator: communicator.name, finding: finding())
    }
}

/// A promise of `Communicator` that an implementation broke.
public struct CommunicatorConformanceFailure: Error, CustomStringConvertible {
    let check: String
    let rank: Int
    let size: Int
    let communicator: String
    let finding: String

    /// One sentence with the check, the rank and what was found.
    public var description: String { "\(check) on rank \(rank) of \(size) in \(communicator): \(finding)" }
}
