import Checkpoints
import CheckpointsTestKit
import Files
import Layouts
import SystemPackage
import Tensors
import Testing

struct StrategyFileTests {
    @Test(arguments: ["plain", "opt", "layout", "layout1"]) func protobufIsMindSporesToTheByte(name: String) throws {
        let strategy = try VectorFiles.strategy("\(name).ckpt")
        #expect(strategy.protobuf == (try VectorFiles.bytes(of: "parallel/strategy/\(name).ckpt")))
    }

    @Test(arguments: ["plain", "opt", "layout1"]) func jsonIsMindSporesToTheByte(name: String) throws {
        let strategy = try VectorFiles.strategy("\(name).json")
        #expect(try strategy.json == VectorFiles.bytes(of: "parallel/strategy/\(name).json"))
        let protobuf = try VectorFiles.strategy("\(name).ckpt")
        #expect(Set(protobuf.items.map(\.parameter)) == Set(strategy.items.map(\.parameter)))
        #expect(Set(protobuf.operators.map(\.name)) == Set(strategy.operators.map(\.name)))
    }

    /// What MindSpore's frontend wrote is what these layouts become here.
    @Test func layoutsBecomeWhatMindSporeWrote() throws {
        let mesh = try DeviceMesh(["dp": 2, "tp": 2])
        let cube = try DeviceMesh(["a": 2, "b": 2, "c": 2])
        let layouts: [(file: String, name: String, shape: [Int], layout: TensorLayout)] = [
            ("plain", "col.weight", [8, 4], try mesh.layout(nil, "tp")),
            ("plain", "row.weight", [4, 8], try mesh.layout("tp", nil)),
            ("plain", "rep.bias", [8], try mesh.layout(nil)),
            ("opt", "n.w1", [8, 4], try mesh.layout(nil, "tp").with(.everyReplica)),
            ("opt", "moments.n.w2", [4, 8], try mesh.layout("tp", nil).with(.everyReplica)),
            ("opt", "n.b", [8], try mesh.layout(nil).with(.everyReplica)),
            ("layout", "col.weight", [8, 16], try cube.layout(nil, ["b", "c"])),
            ("layout", "plain.weight", [8, 8], try cube.layout("b", "a")),
            ("layout1", "bias", [16], try cube.layout(["b", "c"])),
            ("layout1", "scalar", [], try cube.layout()),
        ]
        for (file, name, shape, layout) in layouts {
            let strategy = try VectorFiles.strategy("\(file).ckpt")
            let theirs = try #require(strategy.items.first { $0.parameter == name })
            var ours = StrategyFile.Item(name, try TensorSharding(of: shape, layout))
            ours.tensorShape = nil
            #expect(ours == theirs)
            #expect(try theirs.layout(on: layout.mesh) == layout)
        }
        let bias = StrategyFile.Item("bias", try TensorSharding(of: [16], cube.layout(["b", "c"])))
        let json = String(decoding: try StrategyFile([bias]).json, as: UTF8.self)
        #expect(json.contains(#""tensor_map":[1,0],"tensor_shape":[2,8]"#))
    }

    @Test func whatCannotBeLaidOutIsRefused() throws {
        var item = try #require(try VectorFiles.strategy("plain.ckpt").items.first)
        item.field = 3
        #expect(throws: ShardingError.unknownCut(parameter: item.parameter, field: "field")) { try item.layout() }
        item.field = 0
        item.splitShapes = [[3], [5]]
        #expect(throws: ShardingError.unknownCut(parameter: item.parameter, field: "param_split_shape")) {
            try item.layout()
        }
        item.splitShapes = []
        item.tensorMap = [[5]]
        #expect(
            throws: ShardingError.layout(
                parameter: item.parameter, .tensorMap([[5]], deviceMatrix: item.deviceMatrix))
        ) { try item.layout() }
    }

    @Test func damageIsFoundAtItsPlace() throws {
        let whole = try VectorFiles.bytes(of: "parallel/strategy/plain.ckpt")
        // At its end the file is whole again; between two records it is, too.
        var refused = 0
        for count in 0..<whole.count {
            let disk = MemoryFileSystem()
            try disk.replaceContents(of: "/s.ckpt", with: Array(whole.prefix(count)))
            let file = try disk.open("/s.ckpt")
            do {
                let strategy = try StrategyFile(contentsOf: file)
                #expect(strategy.items.count < 3)
            } catch let error as FormatError {
                guard case .damaged(let path, _, _) = error else { throw error }
                #expect(path == "/s.ckpt")
                refused += 1
            }
        }
        #expect(refused > whole.count - 10)
    }

    @Test func numbersMayBePackedAndShort() throws {
        // dev_matrix [2, 2] packed; tensor_map [-1, 0] with a five-byte -1.
        let map: [UInt8] = [0x12, 0x08, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x08, 0x00]
        let layouts: [UInt8] = [0x0A, 0x04, 0x0A, 0x02, 0x02, 0x02] + map + [0x1A, 0x00]
        let item: [UInt8] = [0x0A, 0x01, 0x77, 0x12, UInt8(layouts.count)] + layouts
        let disk = MemoryFileSystem()
        try disk.replaceContents(of: "/s.ckpt", with: [0x1A, UInt8(item.count)] + item)
        let strategy = try StrategyFile(contentsOf: disk.open("/s.ckpt"))
        #expect(strategy.items.map(\.deviceMatrix) == [[2, 2]])
        #expect(strategy.items.map(\.tensorMap) == [[[-1], [0]]])
    }

    @Test func jsonThatIsNoStrategySaysWhy() {
        #expect(
            throws: ShardingError.strategy(path: "s.json", problem: "parallel_layout_item is missing")
        ) { try StrategyFile(json: Array(#"{"current_stage":1}"#.utf8), path: "s.json") }
    }
}
