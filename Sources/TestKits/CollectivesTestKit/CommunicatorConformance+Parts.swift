import Collectives

extension CommunicatorConformance {
    /// Bytes of other lengths on each rank, none on some.
    func checkParts() throws {
        for root in [0, size - 1] {
            let all = (0..<size).map { rank in (0..<rank * 7 % 5).map { UInt8(truncatingIfNeeded: rank * 31 + $0) } }
            let gathered = try communicator.gather(all[rank], to: root)
            let expected = rank == root ? all : []
            try expect("gather of bytes to \(root)", gathered == expected, "it gave \(gathered), expected \(expected)")
            let part = try communicator.scatter(rank == root ? all : [], from: root)
            try expect("scatter from \(root)", part == all[rank], "it gave \(part), expected \(all[rank])")
        }
    }
}
