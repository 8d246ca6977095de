import Checkpoints
import Layouts
import Tensors
import Testing

struct RedundancyRemovalTests {
    /// The example of MindSpore's documentation, run on its functions.
    @Test func everyGroupSharesItsNamesOut() throws {
        let mesh = try DeviceMesh(["dp": 2, "tp": 2])
        func groups(_ shape: [Int], _ splits: DimensionSplit...) throws -> [[Int]] {
            try TensorSharding(of: shape, mesh.layout(splits: splits)).replicaGroups
        }
        let parameters: [(name: String, groups: [[Int]]?)] = [
            ("rep.bias", try groups([8], nil)), ("row.weight", try groups([4, 8], "tp", nil)),
            ("bf", try groups([8, 4], nil, "tp")), ("col.weight", try groups([8, 4], nil, "tp")),
        ]
        let removal = RedundancyRemoval(parameters, rankCount: 4)
        #expect(removal.savers(of: "bf") == [0, 1])
        #expect(removal.savers(of: "col.weight") == [2, 3])
        #expect(removal.savers(of: "row.weight") == [0, 1])
        #expect(removal.savers(of: "rep.bias") == [0])
        let mixed = RedundancyRemoval(parameters + [("global_step", nil)], rankCount: 4)
        #expect(mixed.savers(of: "global_step") == [0, 1, 2, 3])
    }

    /// The files of four processes in data parallel.
    @Test(arguments: ["ckpt", "safetensors"]) func theFilesOfMindSporeHaveTheseNames(format: String) throws {
        let files = try (0..<4).map { rank in
            try VectorFiles.reader("redundancy/rank_\(rank)/net_rank_\(rank)-1_2.\(format)")
        }
        let found = files.map { Set($0.entries.map(\.name)).subtracting(["epoch_num"]) }
        let names = found.reduce(into: Set<String>()) { $0.formUnion($1) }
        #expect(names.count == 11)
        let removal = RedundancyRemoval(names.map { ($0, nil) }, rankCount: 4)
        #expect((0..<4).map { rank in names.filter { removal.savers(of: $0).contains(rank) } } == found)
    }
}
