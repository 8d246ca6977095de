import Execution
import Graphs
import Models
import Networks
import Tensors
import Testing

/// What MindSpore's attention does not have, and the networks made of it.
@Suite struct AttentionTests {
    private let x = Tensor(wave(2 * 5 * 12, 0.7), shape: [2, 5, 12])

    @Test func causalIsTheMaskOfLaterTokens() throws {
        let (causal, masked) = (
            MultiheadAttention(12, numHeads: 3, isCausal: true), MultiheadAttention(12, numHeads: 3)
        )
        for layer in [causal, masked] { fillWithWaves(layer.parameters) }
        let flags = (0..<25).map { Float($0 % 5 > $0 / 5 ? 1 : 0) }
        let expected = try evaluated([x]) {
            masked(
                query: $0[0], key: $0[0], value: $0[0],
                attnMask: $0[0].trace.constant(Tensor(flags, shape: [5, 5])))
        }
        #expect(largestError(try evaluated([x]) { causal($0[0]) }, expected) < 1e-6)
    }

    /// Heads that share keys and values are as heads with equal ones.
    @Test func groupedHeadsShareKeysAndValues() throws {
        let grouped = MultiheadAttention(12, numHeads: 6, keyValueHeads: 2, isCausal: true)
        #expect(grouped.parameters.map(\.shape) == [[12, 12], [4, 12], [4, 12], [20], [12, 12], [12]])
        fillWithWaves(grouped.parameters)
        let whole = MultiheadAttention(12, numHeads: 6, isCausal: true)
        fillWithWaves(whole.parameters)
        let source = grouped.parameters.map(\.values)
        // Rows of the keys' and values' weights, each head of two rows three times.
        let rows = (0..<12).map { $0 / 6 * 2 + $0 % 2 }
        func repeated(_ weight: [Float], _ columns: Int) -> [Float] {
            rows.flatMap { weight[$0 * columns..<($0 + 1) * columns] }
        }
        let inWeight = source[0] + repeated(source[1], 12) + repeated(source[2], 12)
        let bias = source[3]
        let inBias = Array(bias[..<12]) + repeated(Array(bias[12..<16]), 1) + repeated(Array(bias[16...]), 1)
        for (parameter, values) in zip(whole.parameters, [inWeight, inBias, source[4], source[5]]) {
            parameter.tensor.copy(from: Tensor(values, shape: parameter.shape))
        }
        let expected = try evaluated([x]) { whole($0[0]) }
        #expect(largestError(try evaluated([x]) { grouped($0[0]) }, expected) < 1e-5)
    }

    /// The product of two turned tokens depends on their distance alone.
    @Test func rotaryPositionsMeasureDistances() throws {
        let token = wave(6, 0.4)
        let same = Tensor((0..<7).flatMap { _ in token }, shape: [1, 7, 6])
        let products = try evaluated([same]) {
            let turned = $0[0].turnedByPosition(base: 100)
            return turned.batchMultiplied(by: turned, transposeB: true)
        }
        for (i, j) in [(0, 0), (1, 0), (3, 1), (5, 2)] {
            #expect(abs(products[i * 7 + j] - products[(i + 1) * 7 + j + 1]) < 1e-5)
        }
        #expect(abs(products[1] - products[2]) > 1e-3)
        let first = try evaluated([same]) { $0[0].turnedByPosition().sliced(along: 1, from: 0, count: 1) }
        #expect(first == token)
    }

    @Test func crossAttentionTakesOtherWidthsAndLengths() throws {
        let layer = MultiheadAttention(12, numHeads: 2, kdim: 4, vdim: 3)
        #expect(
            layer.parameters.map(\.name).prefix(4) == [
                "q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias",
            ])
        fillWithWaves(layer.parameters)
        let (key, value) = (
            Tensor(wave(2 * 7 * 4, 0.2), shape: [2, 7, 4]), Tensor(wave(2 * 7 * 3, 0.3), shape: [2, 7, 3])
        )
        let result = try evaluated([x, key, value]) { layer(query: $0[0], key: $0[1], value: $0[2]) }
        #expect(result.count == 2 * 5 * 12 && result.allSatisfy { $0.isFinite })
    }

    /// A token that sees nobody has the mean of the values, not NaN.
    @Test func rowThatSeesNothingIsFinite() throws {
        let layer = MultiheadAttention(12, numHeads: 2)
        fillWithWaves(layer.parameters)
        let result = try evaluated([x]) {
            layer(
                query: $0[0], key: $0[0], value: $0[0],
                keyPaddingMask: $0[0].trace.constant(Tensor([Float](repeating: 1, count: 10), shape: [2, 5])))
        }
        #expect(result.allSatisfy { $0.isFinite })
    }

    /// Each learns to tell two images apart, so that every parameter has a gradient that leads down.
    @Test(arguments: ["mlp", "vit", "unet"]) func networksLearn(name: String) throws {
        var sizes = VisionTransformerSizes()
        (sizes.imageSize, sizes.patchSize, sizes.channels, sizes.width, sizes.layers, sizes.heads) = (8, 4, 1, 8, 1, 2)
        let network: any Cell =
            switch name {
            case "mlp": MLP([64, 16, 2])
            case "vit": VisionTransformer(sizes, classes: 2)
            default: UNet(channels: 1, classes: 2, width: 4, levels: 3)
            }
        for parameter in network.parameters { parameter.initialize(seed: 3) }
        let labels: [Int32] = name == "unet" ? (0..<128).map { $0 < 64 ? 0 : 1 } : [0, 1]
        let shape: Shape = name == "unet" ? [2, 8, 8] : [2]
        let losses = try train(network, Tensor(wave(128, 0.6), shape: [2, 1, 8, 8]), Tensor(labels, shape: shape))
        #expect(losses[losses.count - 1] < 0.5 * losses[0], "\(losses)")
    }

    private func train(_ network: any Cell, _ images: Tensor, _ labels: Tensor) throws -> [Float] {
        let (trace, parameters) = (Trace(), network.trainableParameters)
        let optimizer = Adam(parameters, learningRate: 0.01)
        let inputs = [trace.input("x", images.type), trace.input("y", labels.type)]
        let loss = CrossEntropyLoss().construct(network(inputs[0]), inputs[1])
        let gradients = trace.gradients(of: loss, withRespectTo: parameters.map(trace.symbol))
        for (index, gradient) in gradients.enumerated() { optimizer.update(index, gradient: try #require(gradient)) }
        let program = Program(trace.finish(outputs: [loss]), on: CPUBackend())
        return try (1...60).map { step in
            optimizer.prepare(step: step)
            let result = try program.outputs(for: [images, labels])[0][0]
            optimizer.finish(step: step)
            return result
        }
    }
}
