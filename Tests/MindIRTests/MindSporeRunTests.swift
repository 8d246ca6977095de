import Checkpoints
import Ciphers
import Graphs
import MindIR
import MindSporeTestKit
import Models
import Networks
import Tensors
import Testing

/// Real MindSpore loads what Lockstep exports and computes the same with it, in graph and in pynative mode.
@Suite(.enabled(if: hasMindSpore), .serialized)
struct MindSporeRunTests {
    @Test func leNetRunsInEveryForm() throws {
        let (models, leNet, exporter) = (try MindSporeModels(), LeNet(), try MindIRExporter(graphName: "LeNet5"))
        func runs(_ rows: [Int]) -> [(Graph, [Tensor])] { rows.map { (leNet.graph(rows: $0), [LeNet.images($0)]) } }
        for rows in [1, 8] {
            try models.add(try exporter.model(of: leNet.graph(rows: rows)), named: "rows-\(rows)", runs: runs([rows]))
        }
        let open = try exporter.model(tracing: leNet.graph)
        try models.add(open, named: "open", runs: runs([1, 5, 8]))
        try models.add(open, named: "external", runs: runs([3]), externalLimit: 0)
        for mode in EncryptionMode.allCases {
            let key = [UInt8](repeating: 0x5A, count: mode.keyByteCounts[0])
            try models.add(open, named: "encrypted-\(mode.rawValue)", runs: runs([2]), key: (mode, key))
        }
        let key = [UInt8](0..<16)
        try models.add(open, named: "both", runs: runs([2]), externalLimit: 0, key: (.aesGCM, key))
        let mistakes = try models.run()
        #expect(mistakes == nil)
    }

    @Test func trainingNetworksGiveTheLoss() throws {
        let (models, leNet, exporter) = (try MindSporeModels(), LeNet(), try MindIRExporter())
        func runs(_ rows: [Int]) -> [(Graph, [Tensor])] {
            rows.map { (leNet.lossGraph(rows: $0), [LeNet.images($0), LeNet.labels($0)]) }
        }
        try models.add(try exporter.model(of: leNet.lossGraph(rows: 4)), named: "rows-4", runs: runs([4]))
        try models.add(try exporter.model(tracing: leNet.lossGraph), named: "open", runs: runs([1, 6]))
        let mistakes = try models.run()
        #expect(mistakes == nil)
    }

    @Test func gptRunsInEveryForm() throws {
        let (models, exporter) = (try MindSporeModels(), try MindIRExporter(graphName: "GPT"))
        let (gpt, untied) = (SmallGPT(), SmallGPT(tiesHead: false))
        func runs(_ rows: [Int], of gpt: SmallGPT) -> [(Graph, [Tensor])] {
            rows.map { (gpt.graph(rows: $0), [SmallGPT.samples($0)[0]]) }
        }
        try models.add(try exporter.model(of: gpt.graph(rows: 2)), named: "rows-2", runs: runs([2], of: gpt))
        let open = try exporter.model(tracing: gpt.graph)
        try models.add(open, named: "open", runs: runs([1, 5, 8], of: gpt))
        try models.add(open, named: "external", runs: runs([3], of: gpt), externalLimit: 0)
        let key = [UInt8](16..<48)
        try models.add(open, named: "encrypted", runs: runs([2], of: gpt), externalLimit: 0, key: (.aesGCM, key))
        try models.add(try exporter.model(tracing: untied.graph), named: "untied", runs: runs([2], of: untied))
        let losses = [1, 4].map { (gpt.lossGraph(rows: $0), SmallGPT.samples($0)) }
        try models.add(try exporter.model(tracing: gpt.lossGraph), named: "loss", runs: losses)
        try models.add(try exporter.model(of: gpt.lossGraph(rows: 4)), named: "loss-4", runs: [losses[1]])
        let mistakes = try models.run()
        #expect(mistakes == nil)
    }

    @Test func everyOperationComputesTheSame() throws {
        let models = try MindSporeModels()
        var operations: Set<String> = []
        var openCount = 0
        for seed in 0..<RandomGraph.seedCount {
            let random = RandomGraph(seed: UInt64(seed))
            let runs = RandomGraph.batchSizes.map { (random.graph(rows: $0), random.inputs(rows: $0)) }
            operations.formUnion(runs[0].0.operationNames)
            if let model = try? MindIRExporter().model(tracing: random.graph) {
                openCount += 1
                try models.add(model, named: "graph-\(seed)", runs: runs, floor: 1)
            } else {
                let model = try MindIRExporter().model(of: runs[0].0)
                try models.add(model, named: "graph-\(seed)", runs: [runs[0]], floor: 1)
            }
        }
        #expect(operations == RandomGraph.operationNames)
        #expect(openCount >= RandomGraph.seedCount / 2)
        let mistakes = try models.run()
        #expect(mistakes == nil)
    }

    @Test func operationsOnAnyShapesComputeTheSame() throws {
        let models = try MindSporeModels()
        for operations in AnyShapeGraph.all {
            let runs = RandomGraph.batchSizes.map { (operations.graph(rows: $0), AnyShapeGraph.inputs(rows: $0)) }
            let model = try MindIRExporter().model(tracing: operations.graph)
            try models.add(model, named: operations.name, runs: runs, floor: 1)
        }
        let mistakes = try models.run()
        #expect(mistakes == nil)
    }

    @Test(arguments: ["vit", "unet", "mlp", "attention"]) func networksComputeTheSame(name: String) throws {
        let (network, type) = Self.network(name)
        for parameter in network.parameters { parameter.initialize(seed: 7) }
        func graph(rows: Int) -> Graph {
            let trace = Trace()
            let x = trace.input("x", TensorType(Shape([rows] + type)))
            return trace.finish(outputs: [network(x)])
        }
        let models = try MindSporeModels()
        let runs = [1, 5].map { (graph(rows: $0), [random(Shape([$0] + type), seed: 4)]) }
        try models.add(try MindIRExporter().model(tracing: graph), named: name, runs: runs)
        let mistakes = try models.run()
        #expect(mistakes == nil)
    }

    /// A small network, and the sizes of its samples.
    private static func network(_ name: String) -> (any Cell, [Int]) {
        var sizes = VisionTransformerSizes()
        (sizes.imageSize, sizes.patchSize, sizes.width, sizes.layers, sizes.heads) = (16, 4, 24, 2, 3)
        return switch name {
        case "vit": (VisionTransformer(sizes), [3, 16, 16])
        case "unet": (UNet(channels: 3, classes: 4, width: 6, levels: 3), [3, 16, 16])
        case "mlp": (MLP([48, 20, 7]), [3, 4, 4])
        default: (MultiheadAttention(24, numHeads: 6, keyValueHeads: 2, isCausal: true, rotaryBase: 10_000), [7, 24])
        }
    }
}
