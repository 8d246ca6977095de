import Checkpoints
import CheckpointsTestKit
import Files
import Layouts
import SystemPackage
import Tensors
import Testing

/// Slices by real MindSpore, put together.
struct ShardedReaderTests {
    private func slices(_ set: String, _ format: String = "ckpt") throws -> [Int: any CheckpointReader] {
        var files: [Int: any CheckpointReader] = [:]
        for rank in 0..<4 {
            files[rank] = try VectorFiles.reader("parallel/\(set)/sliced/rank_\(rank)/net\(rank).\(format)")
        }
        return files
    }

    @Test(arguments: [("plain", "ckpt"), ("opt", "ckpt"), ("plain_safetensors", "safetensors")])
    func slicesOfMindSporeMakeItsWholeTensors(set: String, format: String) throws {
        let name = set == "opt" ? "opt" : "plain"
        let whole = try VectorFiles.reader("parallel/\(name)/full/rank_0/net.ckpt")
        for suffix in ["ckpt", "json"] {
            let reader = try ShardedReader(
                slices(set, format), strategy: VectorFiles.strategy("\(name).\(suffix)"))
            #expect(Set(reader.parameters.map(\.name)) == Set(whole.entries.map(\.name)))
            for entry in whole.entries {
                let tensor = try reader.tensor(entry.name)
                #expect(tensor.type == entry.tensorType)
                #expect(try tensor.contents == whole.contents(of: entry.name))
            }
        }
    }

    @Test(arguments: ["plain", "opt"]) func mindSporeCutsTheSameSlices(set: String) throws {
        let whole = try VectorFiles.reader("parallel/\(set)/full/rank_0/net.ckpt")
        let reader = try ShardedReader([0: whole])
        let strategy = try VectorFiles.strategy("\(set).ckpt")
        for (rank, file) in try slices(set) {
            for item in strategy.items {
                let shape = try #require(whole.entry(named: item.parameter)?.tensorType).shape
                let sharding = try TensorSharding(of: shape.dimensions, item.layout())
                let slice = Tensor(zeros: Shape(sharding.shardShape))
                let wanted = try ShardedParameter(item.parameter, whole: shape, item.layout(), local: slice)
                try reader.load(wanted, rank: rank)
                #expect(slice.type == file.entry(named: item.parameter)?.tensorType)
                #expect(try slice.contents == file.contents(of: item.parameter), "\(item.parameter) of rank \(rank)")
            }
        }
    }

    /// Numbers of a strategy file lead to a sentence, whatever they are.
    @Test func numbersOfAStrategyMayBeAnything() throws {
        let files = try slices("plain")
        let numbers = [Int.min, -2, 0, 1, 3, 1 << 17, 1 << 20, 1 << 32, 1 << 62, .max]
        for number in numbers {
            for other in numbers {
                for field in 0..<5 {
                    var strategy = try VectorFiles.strategy("plain.json")
                    for index in strategy.items.indices {
                        switch field {
                        case 0: strategy.items[index].optimizerShardSize = number
                        case 1: strategy.items[index].deviceMatrix = [number, other]
                        case 2: strategy.items[index].deviceMatrix = [2, 2, number, other]
                        case 3: strategy.items[index].tensorMap = [[number], [other]]
                        default: strategy.items[index].tensorMap = [[0, number], [other]]
                        }
                    }
                    _ = try? strategy.json
                    do {
                        for parameter in try ShardedReader(files, strategy: strategy).parameters {
                            _ = parameter.type.byteCount
                        }
                    } catch {
                        #expect(!error.description.isEmpty)
                    }
                }
            }
        }
    }

    @Test func pureReplicasMayBeMissing() throws {
        let strategy = try VectorFiles.strategy("plain.ckpt")
        let files = try slices("plain")
        let reader = try ShardedReader(files.filter { $0.key < 2 }, strategy: strategy)
        #expect(try reader.tensor("col.weight").shape == [8, 4])
        #expect(throws: ShardingError.sliceMissing(parameter: "col.weight", ranks: [1, 3])) {
            try ShardedReader(files.filter { $0.key % 2 == 0 }, strategy: strategy)
        }
    }

    @Test func filesWithoutRedundancyAreReadTogether() throws {
        var files: [Int: any CheckpointReader] = [:]
        for rank in 0..<4 {
            files[rank] = try VectorFiles.reader("redundancy/rank_\(rank)/net_rank_\(rank)-1_2.ckpt")
        }
        let reader = try ShardedReader(files)
        #expect(reader.parameters.count == 12)
        for parameter in reader.parameters { #expect(try reader.tensor(parameter.name).type == parameter.type) }
    }

    @Test func aSliceOfAnotherTypeIsRefused() throws {
        let disk = MemoryFileSystem()
        let file = try disk.create("/other.ckpt")
        let writer = CkptWriter(to: file)
        try writer.write("col.weight", Tensor(zeros: [4, 2]))
        try writer.finish()
        var files = try slices("plain")
        files[1] = try CkptReader(file: disk.open("/other.ckpt"))
        #expect(throws: ShardingError.slicesDiffer(parameter: "col.weight", path: "/other.ckpt")) {
            try ShardedReader(files, strategy: VectorFiles.strategy("plain.ckpt"))
        }
    }

    @Test func whatIsNotThereIsNamed() throws {
        let reader = try ShardedReader([0: VectorFiles.reader("parallel/plain/full/rank_0/net.ckpt")])
        #expect(throws: ShardingError.missing(parameter: "x")) { try reader.tensor("x") }
    }
}
