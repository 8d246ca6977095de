import Datasets
import Execution
import Graphs
import Models
import Networks
import Tensors
import Testing
import Training

/// A transformer of one's own, made of the GPT's parts without any help from inside.
@Suite struct BlocksTests {
    @Test func ownTransformerLearns() throws {
        let network = OwnTransformer()
        let loss = Losses()
        let model = Model(
            network, lossFn: GPTLoss(), optimizer: AdamW(network.trainableParameters, learningRate: 3e-3), seed: 1)
        let text = [UInt8]((0..<400).map { UInt8($0 * $0 % 11) })
        try model.train(
            3, DataLoader(TextDataset(text[...], length: 8), batchSize: 8, shuffle: true), callbacks: [loss])
        #expect(loss.all[0] > 2.3)
        #expect(try #require(loss.all.last) < 0.8 * loss.all[0])
        #expect(
            network.parameters.map(\.name) == [
                "tokens.embedding_table", "places.position_table", "norm.gamma", "norm.beta",
                "attention.projection.weight", "attention.projection.bias", "attention.output.weight",
                "attention.output.bias", "feed.widen.weight", "feed.widen.bias", "feed.narrow.weight",
                "feed.narrow.bias",
                "block.norm1.gamma", "block.norm1.beta", "block.projection.weight", "block.projection.bias",
                "block.output.weight", "block.output.bias", "block.norm2.gamma", "block.norm2.beta",
                "block.widen.weight", "block.widen.bias", "block.narrow.weight", "block.narrow.bias", "head.weight",
            ])
    }

    /// No token is told by those after it.
    @Test func attentionLooksBackOnly() throws {
        let layer = CausalSelfAttention(8, heads: 2, length: 4)
        for parameter in layer.parameters { parameter.initialize(seed: 3) }
        var x = (0..<32).map { Float($0 % 5) / 5 }
        let before = try rows(layer, x)
        x[31] += 1
        let after = try rows(layer, x)
        #expect(before[..<24] == after[..<24])
        #expect(before[24...] != after[24...])
    }

    private func rows(_ layer: CausalSelfAttention, _ x: [Float]) throws -> [Float] {
        let trace = Trace()
        let program = Program(
            trace.finish(outputs: [layer(trace.input("x", TensorType([4, 8])))]), on: CPUBackend())
        program.inputs[0].copy(from: Tensor(x, shape: [4, 8]))
        try program.run()
        return program.outputs[0].elements(of: Float.self)
    }

    @Test func headsThatDoNotFitAreRefused() async {
        let result = await #expect(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            _ = CausalSelfAttention(10, heads: 3, length: 4)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("3 heads cannot share a width of 10"), "\(text)")
    }
}

private final class OwnTransformer: Cell {
    let tokens = Embedding(11, 16)
    let places = PositionEmbedding(8, 16)
    let norm = LayerNorm(16)
    let attention = CausalSelfAttention(16, heads: 2, length: 8, dropout: 0.1, stream: 0)
    let feed = FeedForward(16, hidden: 24)
    let block = GPTBlock(GPTSizes(layers: 1, width: 16, heads: 4, length: 8), number: 1)
    let head = Dense(16, 11, hasBias: false)

    func construct(_ x: Symbol) -> Symbol {
        let embedded = places(tokens(x)).dropped(0.1, stream: 1, rowsPerSample: 8)
        let attended = embedded + attention(norm(embedded))
        return head(block(attended + feed(attended)))
    }
}

private final class Losses: Callback {
    private(set) var all: [Float] = []

    override func onTrainStepEnd(_ runContext: RunContext) { all.append(runContext.originalArgs().loss ?? .nan) }
}
