import Execution
import Graphs
import Models
import Networks
import Tensors
import Testing

/// MobileNetV2 has the paper's parts, and its dropout drops.
@Suite struct MobileNetV2Tests {
    /// The number of parameters that torchvision's has, which has no running moments among them.
    @Test func parametersAreAsManyAsThePapers() {
        let network = MobileNetV2(classes: 1000)
        #expect(network.trainableParameters.reduce(0) { $0 + $1.shape.elementCount } == 3_504_872)
    }

    @Test func parametersAreNamedAsMindCVs() {
        let names = Set(MobileNetV2(classes: 10, width: 0.25).parameters.map(\.name))
        for name in [
            "features.0.weight", "features.1.moving_mean", "features.3.layers.0.weight", "features.4.layers.3.weight",
            "features.4.layers.7.gamma", "features.20.weight", "classifier.1.bias",
        ] {
            #expect(names.contains(name), "\(name)")
        }
    }

    @Test(arguments: [(ImageStem.small, 32), (.large, 224)]) func stemsTakeTheirImages(stem: ImageStem, side: Int) {
        let network = MobileNetV2(classes: 7, channels: 1, stem: stem, width: 0.1)
        #expect(network(Trace().input("x", TensorType([2, 1, side, side]))).shape == [2, 7])
    }

    @Test func trainingMakesTheLossSmall() throws {
        let network = MobileNetV2(classes: 2, channels: 1, stem: .small, width: 0.1, dropout: 0)
        let losses = try losses(of: network, side: 16, rate: 0.02, steps: 12)
        #expect(losses[0] > 0.3 && losses[11] < losses[0] / 4, "\(losses)")
    }

    /// Where tokens are rows, the second half of the samples has the same elements dropped on a rank of its own.
    @Test func aRankDropsWhatOneRankWouldDrop() throws {
        let layer = Dropout(p: 0.5, rowsPerSample: 3)
        func result(samples: Int, from first: Int) throws -> [Float] {
            let cursor = StepCursor(seed: 4)
            cursor.move(toStep: 2, firstSample: first)
            let trace = Trace(cursor: cursor)
            let x = trace.input("x", TensorType([samples * 3, 10]))
            let program = Program(trace.finish(outputs: [layer(x)]), on: CPUBackend())
            let ones = Tensor([Float](repeating: 1, count: samples * 30), shape: [samples * 3, 10])
            return try program.outputs(for: [ones])[0]
        }
        let both = try [result(samples: 2, from: 0), result(samples: 2, from: 2)]
        #expect(try result(samples: 4, from: 0) == both[0] + both[1])
        #expect(both[0] != both[1])
    }

    /// Layers that were given no streams drop other elements too.
    @Test func recurrentLayersOfANetworkDropOtherElements() throws {
        let layers = (0..<2).map { _ in LSTM(3, 8, numLayers: 2, dropout: 0.5) }
        for (parameter, other) in zip(layers[0].parameters, layers[1].parameters) {
            parameter.initialize(seed: 3)
            other.tensor.copy(from: parameter.tensor)
        }
        let trace = Trace(cursor: StepCursor(seed: 4))
        let x = trace.input("x", TensorType([4, 2, 3]))
        let program = Program(trace.finish(outputs: layers.map { $0(x) }), on: CPUBackend())
        let results = try program.outputs(for: [Tensor(wave(24, 0.37), shape: [4, 2, 3])])
        #expect(results[0] != results[1])
    }

    /// Two dropouts of a network drop other elements, half of them each; in inference nothing is dropped.
    @Test func dropoutsOfANetworkDiffer() throws {
        let layers = (0..<2).map { _ in Dropout(p: 0.5) }
        func results(_ trace: Trace) throws -> [[Float]] {
            let x = trace.input("x", TensorType([4, 3, 50]))
            let program = Program(trace.finish(outputs: layers.map { $0(x) }), on: CPUBackend())
            let ones = Tensor([Float](repeating: 1, count: 600), shape: [4, 3, 50])
            return try program.outputs(for: [ones])
        }
        let dropped = try results(Trace(cursor: StepCursor(seed: 4)))
        #expect(dropped[0] != dropped[1])
        for values in dropped {
            #expect(Set(values) == [0, 2])
            #expect((240...360).contains(values.count { $0 == 0 }))
        }
        #expect(try results(Trace()).allSatisfy { Set($0) == [1] })
    }
}
