import Checkpoints
import CheckpointsTestKit
import Layouts
import Memory
import SystemPackage
import Tensors
import Testing

/// Names that are canonically equal in Unicode and differ in their bytes are two names, everywhere.
struct ByteNameTests {
    private static let composed = "w\u{E9}"
    private static let decomposed = "we\u{301}"

    private static let entries = [
        CheckpointEntry(composed, .uint8, [2]), CheckpointEntry(decomposed, .uint8, [3]),
    ]

    private func file(_ format: any CheckpointFormat) throws -> [UInt8] {
        let file = MemoryFile()
        let writer = try format.writer(to: file, of: Self.entries)
        for index in try format.order(of: Self.entries) {
            let bytes = [UInt8](repeating: UInt8(index), count: Self.entries[index].byteCount)
            try writer.write(Self.entries[index], bytes.span)
        }
        try writer.finish()
        return file.bytes
    }

    @Test func keysOfTheSameCharactersAreTwo() {
        #expect(Self.composed == Self.decomposed)
        #expect(ByteName(Self.composed) != ByteName(Self.decomposed))
        #expect(ByteName(Self.decomposed) < ByteName(Self.composed))
        var table: [ByteName: Int] = [:]
        table[Self.composed] = 1
        table[Self.decomposed] = 2
        #expect(table[Self.composed] == 1 && table[Self.decomposed] == 2)
        var names: Set<ByteName> = []
        #expect(names.add(Self.composed) && names.add(Self.decomposed) && !names.add(Self.composed))
        #expect(Self.entries[0] != CheckpointEntry(Self.decomposed, .uint8, [2]))
    }

    @Test(arguments: CheckpointFormats.all.indices) func formatsKeepBoth(index: Int) throws {
        let format = CheckpointFormats.all[index]
        let reader = try format.reader(of: MemoryReadableFile(try file(format)))
        #expect(reader.entries.count == 2)
        #expect(try reader.contents(of: Self.composed) == [0, 0])
        #expect(try reader.contents(of: Self.decomposed) == [1, 1, 1])
    }

    @Test func strategiesKeepBoth() throws {
        let mesh = try DeviceMesh(["dp": 2])
        let items = [
            StrategyFile.Item(Self.composed, try TensorSharding(of: [4], mesh.layout("dp"))),
            StrategyFile.Item(Self.decomposed, try TensorSharding(of: [2], mesh.layout(nil))),
        ]
        let strategy = try StrategyFile(json: StrategyFile(items).json, path: "s.json")
        #expect(strategy.items.map(\.tensorMap) == [[[-1]], [[0]]])
        let files = try [[1, 2], [3, 4]].map { half in
            let file = MemoryFile()
            let writer = CkptWriter(to: file)
            try writer.write(Self.composed, Tensor(half.map(Float.init), shape: [2]))
            try writer.write(Self.decomposed, Tensor([8, 9] as [Float], shape: [2]))
            try writer.finish()
            return try CkptReader(file: MemoryReadableFile(file.bytes))
        }
        let reader = try ShardedReader([0: files[0], 1: files[1]], strategy: strategy)
        #expect(try reader.tensor(Self.composed).elements(of: Float.self) == [1, 2, 3, 4])
        #expect(try reader.tensor(Self.decomposed).elements(of: Float.self) == [8, 9])
        let removal = RedundancyRemoval([(Self.composed, nil), (Self.decomposed, nil)], rankCount: 2)
        #expect(removal.savers(of: Self.decomposed) == [0] && removal.savers(of: Self.composed) == [1])
    }
}
