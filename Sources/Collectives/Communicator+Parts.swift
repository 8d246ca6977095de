// What rank 0 alone has to know goes to it alone: then the work of the others does not grow with the number of ranks.

extension Communicator {
    /// Collects the bytes of every rank, however many each, on rank `root`, in the order of the ranks; the others receive none.
    public func gather(_ bytes: [UInt8], to root: Int) throws(CollectiveError) -> [[UInt8]] {
        // All give as many: the number of their bytes, these, and zeros up to the most that a rank has.
        let longest = Int(try allReduce(Int64(bytes.count), with: .maximum))
        let room = ByteCount.size + longest
        let own = ByteCount.bytes(of: bytes.count) + bytes + [UInt8](repeating: 0, count: longest - bytes.count)
        var gathered = [UInt8](repeating: 0, count: rank == root ? size * room : 0)
        var span = gathered.mutableSpan
        try gather(own.span, into: &span, to: root)
        guard rank == root else { return [] }
        return (0..<size).map { rank in
            let part = gathered[rank * room..<(rank + 1) * room]
            return Array(part.dropFirst(ByteCount.size).prefix(ByteCount.value(of: part.prefix(ByteCount.size))))
        }
    }

    /// Gives every rank its own of the `parts` of rank `root`, which has one for each; what others give does not count.
    public func scatter(_ parts: [[UInt8]], from root: Int) throws(CollectiveError) -> [UInt8] {
        precondition(rank != root || parts.count == size, "\(parts.count) parts are not one for each of \(size) ranks")
        // Their sizes travel by a collective of all, so that ranks that call something else meanwhile are noticed.
        var counts = rank == root ? parts.map { Int64($0.count) } : [Int64](repeating: 0, count: size)
        var countSpan = counts.mutableSpan
        try broadcast(&countSpan, from: root)
        guard rank == root else {
            guard counts[rank] > 0 else { return [] }
            var part = [UInt8](repeating: 0, count: Int(counts[rank]))
            var span = part.mutableSpan
            try receive(&span, from: root, tag: ByteCount.tag)
            return part
        }
        for other in 0..<size where other != root && counts[other] > 0 {
            let part = parts[other]
            try send(part.span, to: other, tag: ByteCount.tag)
        }
        return parts[root]
    }
}

/// How many bytes there are, as bytes in front of them.
private enum ByteCount {
    static let size = 8

    /// Of the messages of a scatter.
    static let tag = 0x5CA7

    static func bytes(of count: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } }

    static func value(of bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}
