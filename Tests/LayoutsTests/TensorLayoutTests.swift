import Layouts
import Testing

struct TensorLayoutTests {
    private let mesh: DeviceMesh

    init() throws {
        mesh = try DeviceMesh(["dp": 2, "sp": 2, "mp": 2])
    }

    @Test func tensorMapCountsMeshAxesFromTheRight() throws {
        #expect(try mesh.layout("dp", "mp").tensorMap == [[2], [0]])
        #expect(try mesh.layout("dp", "mp").flatTensorMap == [2, 0])
        #expect(try mesh.layout(nil, "sp").flatTensorMap == [-1, 1])
        #expect(try mesh.layout("None", .replicated).flatTensorMap == [-1, -1])
        #expect(try mesh.layout(nil, ["sp", "mp"]).tensorMap == [[-1], [1, 0]])
        #expect(try mesh.layout(nil, ["sp", "mp"]).flatTensorMap == nil)
        #expect(try mesh.layout().tensorMap == [])
    }

    @Test func tensorMapsAreReadBack() throws {
        for layout in [try mesh.layout("dp", nil, ["mp", "sp"]), try mesh.layout(), try mesh.layout(nil)] {
            #expect(try TensorLayout(mesh: mesh, tensorMap: layout.tensorMap) == layout)
        }
        #expect(throws: LayoutError.tensorMap([[3]], deviceMatrix: [2, 2, 2])) {
            try TensorLayout(mesh: mesh, tensorMap: [[3]])
        }
        #expect(throws: LayoutError.tensorMap([[-1, 0]], deviceMatrix: [2, 2, 2])) {
            try TensorLayout(mesh: mesh, tensorMap: [[-1, 0]])
        }
    }

    @Test func badLayoutsAreRefused() throws {
        #expect(throws: LayoutError.axisUnknown("tp", mesh: mesh)) { try mesh.layout("tp") }
        #expect(throws: LayoutError.axisUsedTwice("dp")) { try mesh.layout("dp", "dp") }
        #expect(throws: LayoutError.axisUsedTwice("dp")) { try mesh.layout(["dp", "dp"]) }
        let layout = try mesh.layout("dp", ["sp", "mp"])
        #expect(throws: LayoutError.dimensionCount(layout: layout, shape: [4])) {
            try TensorSharding(of: [4], layout)
        }
        #expect(throws: LayoutError.notDivisible(dimension: 1, shape: [2, 6], parts: 4)) {
            try TensorSharding(of: [2, 6], layout)
        }
        #expect(
            LayoutError.notDivisible(dimension: 1, shape: [2, 6], parts: 4).description
                == "dimension 1 of a tensor of [2, 6] cannot be divided into 4 equal parts")
    }

    @Test func oneMoreAxisSplitsWhatIsSplitAlready() throws {
        let layout = try mesh.layout("mp", nil).splitting(0, by: "dp")
        #expect(layout.tensorMap == [[0, 2], [-1]])
        #expect(throws: LayoutError.axisUsedTwice("mp")) { try layout.splitting(1, by: "mp") }
    }

    @Test func replicatedMeansEveryRankHoldsAll() throws {
        #expect(mesh.replicated(dimensionCount: 2).isReplicated)
        #expect(try !mesh.layout("dp").isReplicated)
        #expect(!mesh.replicated(dimensionCount: 1).with(.everyReplica).isReplicated)
        #expect(try TensorSharding(of: [3, 5], mesh.replicated(dimensionCount: 2)).isReplicated)
    }

    /// All layouts of the strategy files that MindSpore's frontend wrote, with its step, and the slices that
    /// `transform_checkpoints` made of [8, 4], [4, 8] and [8].
    @Test func optimizerShardsAreMindSpores() throws {
        let mesh = try DeviceMesh(["dp": 2, "tp": 2])
        let column = try mesh.layout(nil, "tp").with(.everyReplica)
        let row = try mesh.layout("tp", nil).with(.everyReplica)
        let bias = mesh.replicated(dimensionCount: 1).with(.everyReplica)
        #expect([column, row, bias].map(\.optimizerShardStep) == [2, 2, 1])
        #expect([column, row, bias].map(\.optimizerShardSize) == [-1, -1, -1])
        #expect(try TensorSharding(of: [8, 4], column).shardShape == [4, 2])
        #expect(try TensorSharding(of: [4, 8], row).shardShape == [1, 8])
        #expect(try TensorSharding(of: [8], bias).shardShape == [2])
        #expect(
            try (0..<4).map(TensorSharding(of: [8], bias).range).map(\.ranges) == [[0..<2], [2..<4], [4..<6], [6..<8]])
        #expect(
            try (0..<4).map(TensorSharding(of: [8], bias.with(.parts(2))).range).map(\.ranges[0].lowerBound) == [
                0, 4, 0, 4,
            ])
        #expect(bias.with(.none).optimizerShardStep == 0)
    }

    @Test func whereOptimizerShardsDoNotComeOutEvenThereAreNone() throws {
        let mesh = try DeviceMesh(["dp": 4])
        let layout = mesh.replicated(dimensionCount: 1).with(.everyReplica)
        #expect(throws: LayoutError.notDivisible(dimension: 0, shape: [6], parts: 4)) {
            try TensorSharding(of: [6], layout)
        }
        #expect(try TensorSharding(of: [6], shardingOptimizerWherePossible: layout).isReplicated)
        #expect(throws: LayoutError.optimizerShards(parts: 3, replicas: 4)) {
            try TensorSharding(of: [6], layout.with(.parts(3)))
        }
        #expect(throws: LayoutError.self) { try TensorSharding(of: [], mesh.layout().with(.everyReplica)) }
    }

    @Test func groupsComeInTheOrderOfRemoveRedundancy() throws {
        let mesh = try DeviceMesh(["dp": 2, "tp": 2])
        #expect(try TensorSharding(of: [8, 4], mesh.layout(nil, "tp")).replicaGroups == [[0, 2], [1, 3]])
        #expect(try TensorSharding(of: [8], mesh.layout("dp")).replicaGroups == [[0, 1], [2, 3]])
        // The last axis of the mesh is compared first.
        #expect(try TensorSharding(of: [2, 2], mesh.layout("dp", "tp")).replicaGroups == [[0], [2], [1], [3]])
        let optimizer = try mesh.layout(nil).with(.parts(2))
        #expect(try TensorSharding(of: [8], optimizer).replicaGroups == [[0, 2], [1, 3]])
    }
}
