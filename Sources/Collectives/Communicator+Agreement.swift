/// A failure on one rank, as all ranks of the group throw it.
public struct RankFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The rank it began on: the lowest, if several failed at once.
    public let rank: Int

    /// What went wrong there, in words.
    public let reason: String

    /// Describes a failure.
    public init(rank: Int, reason: String) {
        self.rank = rank
        self.reason = reason
    }

    /// One sentence that names the rank.
    public var description: String { "rank \(rank): \(reason)" }
}

/// A failure that all ranks of the group have found alike and throw together: none of them is to be named.
public struct CommonFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What went wrong, in words.
    public let description: String

    /// Takes over what another error says.
    public init(_ error: any Error) {
        description = "\(error)"
    }
}

extension Communicator {
    /// Runs `body` on every rank; if it throws on any of them, all throw, so that nobody is left waiting in the next
    /// collective.
    ///
    /// `body` must not use this group: ranks that fail in it would leave the others alone in a collective.
    ///
    /// - Throws: in a world of one what `body` throws, else ``RankFailure``; or `CollectiveError`.
    public func together<Result>(_ body: () throws -> Result) throws -> Result {
        let outcome = Swift.Result { try body() }
        switch outcome {
        case .success: try throwIfAnyFailed(nil)
        case .failure(let error): try throwIfAnyFailed(error)
        }
        return try outcome.get()
    }

    /// Throws on all ranks if any rank gives an error: the same ``RankFailure`` everywhere, or in a world of one the
    /// error itself.
    public func throwIfAnyFailed(_ error: (any Error)?) throws {
        guard size > 1 else {
            if let error { throw error }
            return
        }
        let failed = try allReduce(error == nil ? Int64.max : Int64(rank), with: .minimum)
        guard failed != .max else { return }
        throw try broadcastFailure(error, from: Int(failed))
    }

    /// What `error` on rank `root` says, told to all ranks.
    public func broadcastFailure(_ error: (any Error)?, from root: Int) throws(CollectiveError) -> RankFailure {
        RankFailure(rank: root, reason: try broadcast(error.map { "\($0)" } ?? "", from: root))
    }
}

extension Communicator {
    /// Combines one value a rank; all receive the result.
    public func allReduce<T: CollectiveElement>(
        _ value: T, with operation: ReduceOperation
    ) throws(CollectiveError) -> T {
        var values: [T] = [value]
        var span = values.mutableSpan
        try allReduce(&span, with: operation)
        return values[0]
    }

    /// Copies the text of rank `root` to all ranks.
    public func broadcast(_ text: String, from root: Int) throws(CollectiveError) -> String {
        String(decoding: try broadcast(Array(text.utf8), from: root), as: UTF8.self)
    }

    /// Copies the bytes of rank `root`, however many, to all ranks.
    public func broadcast(_ bytes: [UInt8], from root: Int) throws(CollectiveError) -> [UInt8] {
        var counts = [Int64(bytes.count)]
        var count = counts.mutableSpan
        try broadcast(&count, from: root)
        var result = rank == root ? bytes : [UInt8](repeating: 0, count: Int(count[0]))
        var span = result.mutableSpan
        try broadcast(&span, from: root)
        return result
    }

    /// Collects the bytes of every rank, however many each, on all ranks, in the order of the ranks.
    public func allGather(_ bytes: [UInt8]) throws(CollectiveError) -> [[UInt8]] {
        var counts = [Int64](repeating: 0, count: size)
        var countSpan = counts.mutableSpan
        try allGather([Int64(bytes.count)].span, into: &countSpan)
        let longest = Int(counts.max() ?? 0)
        var gathered = [UInt8](repeating: 0, count: longest * size)
        var gatheredSpan = gathered.mutableSpan
        let padded = bytes + [UInt8](repeating: 0, count: longest - bytes.count)
        try allGather(padded.span, into: &gatheredSpan)
        return counts.indices.map { Array(gathered[$0 * longest..<$0 * longest + Int(counts[$0])]) }
    }

    /// The lowest rank whose bytes differ from those of rank 0; nil if all are the same.
    public func firstDifference(_ bytes: [UInt8]) throws(CollectiveError) -> Int? {
        let differs = try broadcast(bytes, from: 0) != bytes
        let lowest = try allReduce(differs ? Int64(rank) : .max, with: .minimum)
        return lowest == .max ? nil : Int(lowest)
    }
}
