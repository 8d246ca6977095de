import Collectives

extension CommunicatorConformance {
    func checkGroups() throws {
        try checkOneGroupInReverse()
        try checkEvenAndOdd()
        try checkEqualKeys()
        try communicator.barrier()
    }

    private func checkOneGroupInReverse() throws {
        let group = try communicator.split(color: 0, key: -rank, name: "reversed")
        try expect("split", group.size == size, "the group has \(group.size) ranks, expected \(size)")
        try expectRank(group, size - 1 - rank)
        try expect("split", group.name == "reversed", "the group is called \(group.name)")
        try CommunicatorConformance(group).checkElementTypes(counts: [3])
    }

    /// Even and odd ranks work side by side; then each group is split once more.
    private func checkEvenAndOdd() throws {
        let isOdd = rank % 2
        let group = try communicator.split(color: isOdd, key: -rank, name: isOdd == 1 ? "odd" : "even")
        let members = (0..<size).filter { $0 % 2 == isOdd }
        try expect(
            "split", group.size == members.count, "the group has \(group.size) ranks, expected \(members.count)")
        try expectRank(group, members.count - 1 - rank / 2)
        try CommunicatorConformance(group).checkElementTypes(counts: [5])
        try CommunicatorConformance(group, largeCount: 101).checkMessages()

        let half = try group.split(color: group.rank * 2 / group.size, key: 0, name: "half")
        try CommunicatorConformance(half).checkElementTypes(counts: [2])
    }

    private func checkEqualKeys() throws {
        let group = try communicator.split(color: 7, key: 3, name: "same order")
        try expectRank(group, rank)
    }

    private func expectRank(_ group: any Communicator, _ expected: Int) throws {
        try expect("split", group.rank == expected, "rank in \(group.name) is \(group.rank), expected \(expected)")
    }
}
