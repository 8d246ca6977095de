import Collectives

extension CommunicatorConformance {
    func checkBroadcast<T: ConformanceElement>(_ type: T.Type, count: Int, from root: Int) throws {
        var values = (0..<count).map { T.mark(rank: rank, index: $0) }
        var span = values.mutableSpan
        try communicator.broadcast(&span, from: root)
        try expect("broadcast of \(count) \(T.kind) from \(root)", values) { T.mark(rank: root, index: $0) }
    }

    func checkGather<T: ConformanceElement>(_ type: T.Type, count: Int, to root: Int) throws {
        let values = (0..<count).map { T.mark(rank: rank, index: $0) }
        var result = [T](repeating: .of(0), count: rank == root ? size * count : 0)
        var span = result.mutableSpan
        try communicator.gather(values.span, into: &span, to: root)
        try expectConcatenation("gather of \(count) \(T.kind) to \(root)", result, count: count)
    }

    func checkAllGather<T: ConformanceElement>(_ type: T.Type, count: Int) throws {
        let values = (0..<count).map { T.mark(rank: rank, index: $0) }
        var result = [T](repeating: .of(0), count: size * count)
        var span = result.mutableSpan
        try communicator.allGather(values.span, into: &span)
        try expectConcatenation("allGather of \(count) \(T.kind)", result, count: count)
    }

    private func expectConcatenation<T: ConformanceElement>(
        _ check: @autoclosure () -> String, _ result: [T], count: Int
    ) throws {
        try expect(check(), result) { T.mark(rank: $0 / count, index: $0 % count) }
    }

    /// Each rank sends to the next and receives from the one before; rank 0 sends first, the others receive first, so
    /// that it works whether or not `send` waits for its receiver.
    func checkMessages() throws {
        try checkUnknownPeer()
        guard size > 1 else { return }
        for (tag, count) in [0, 1, 33, largeCount].enumerated() {
            let before = (rank + size - 1) % size
            let values = (0..<count).map { Int32.mark(rank: rank, index: $0) }
            var received = [Int32](repeating: -1, count: count)
            var span = received.mutableSpan
            if rank == 0 { try communicator.send(values.span, to: 1 % size, tag: tag) }
            try communicator.receive(&span, from: before, tag: tag)
            if rank != 0 { try communicator.send(values.span, to: (rank + 1) % size, tag: tag) }
            try expect("ring of \(count) int32", received) { Int32.mark(rank: before, index: $0) }
        }
        try checkTags()
    }

    /// What was sent last can be received first if its tag says so.
    private func checkTags() throws {
        if rank == 0 {
            for tag in [1, 2] { try communicator.send([Int64(tag)].span, to: 1, tag: tag) }
        }
        guard rank == 1 else { return }
        for tag in [2, 1] {
            var received: [Int64] = [0]
            var span = received.mutableSpan
            try communicator.receive(&span, from: 0, tag: tag)
            try expect("message with tag \(tag)", received) { _ in Int64(tag) }
        }
    }

    private func checkUnknownPeer() throws {
        for peer in [-1, size] {
            do throws(CollectiveError) {
                try communicator.send([UInt8(1)].span, to: peer, tag: 0)
            } catch {
                try expect("send to rank \(peer)", error.rank == rank, "the error names rank \(error.rank)")
                continue
            }
            try expect("send to rank \(peer)", false, "it succeeded")
        }
    }
}
