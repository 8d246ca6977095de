import Execution
import Graphs
import Networks
import Tensors
import Testing

/// The networks of the paper have the paper's parts.
@Suite struct ResNetTests {
    /// The numbers of parameters that torchvision's have, which have no running moments among them.
    @Test(arguments: [(ResNet.Depth.resNet18, 11_689_512), (.resNet34, 21_797_672), (.resNet50, 25_557_032)])
    func parametersAreAsManyAsThePapers(depth: ResNet.Depth, count: Int) {
        let network = ResNet(depth, classes: 1000)
        #expect(network.trainableParameters.reduce(0) { $0 + $1.shape.elementCount } == count)
    }

    @Test func parametersAreNamedAsMindCVs() {
        let names = ResNet(.resNet50, classes: 10, width: 4).parameters.map(\.name)
        for name in [
            "conv1.weight", "bn1.moving_mean", "layer1.0.conv3.weight", "layer1.0.down_sample.0.weight",
            "layer2.0.down_sample.1.gamma", "layer4.2.bn3.moving_variance", "classifier.bias",
        ] {
            #expect(names.contains(name), "\(name)")
        }
        #expect(Set(names).count == names.count)
    }

    @Test func stemsShrinkImagesAsTheySay() {
        func shape(_ stem: ResNet.Stem, side: Int) -> Shape {
            let network = ResNet(.resNet18, classes: 7, channels: 1, stem: stem, width: 2)
            return network(Trace().input("x", TensorType([2, 1, side, side]))).shape
        }
        #expect(shape(.small, side: 32) == [2, 7])
        #expect(shape(.large, side: 224) == [2, 7])
    }

    /// A narrow network learns to tell two kinds of pictures apart.
    @Test func trainingMakesTheLossSmall() throws {
        let network = ResNet(.resNet18, classes: 2, channels: 1, stem: .small, width: 4)
        for parameter in network.parameters { parameter.initialize(seed: 3) }
        let optimizer = Momentum(network.trainableParameters, learningRate: 0.05, momentum: 0.9)
        let trace = Trace(cursor: StepCursor(seed: 1))
        let x = trace.input("x", TensorType([4, 1, 8, 8]))
        let labels = trace.input("labels", TensorType([4], .int32))
        let loss = SoftmaxCrossEntropyWithLogits(sparse: true).construct(network(x), labels)
        let gradients = trace.gradients(
            of: loss, withRespectTo: network.trainableParameters.map { trace.symbol(for: $0) })
        for (index, gradient) in gradients.enumerated() {
            optimizer.update(index, gradient: try #require(gradient))
        }
        let program = Program(trace.finish(outputs: [loss]), on: CPUBackend())
        let pictures = Tensor(wave(4 * 64, 0.37), shape: [4, 1, 8, 8])
        let inputs = [pictures, Tensor([0, 1, 0, 1] as [Int32], shape: [4])]
        let first = try program.outputs(for: inputs)[0][0]
        var last = first
        for _ in 0..<15 { last = try program.outputs(for: inputs)[0][0] }
        #expect(first > 0.3 && last < first / 4, "\(first) became \(last)")
        #expect(network.parameters.first { $0.name == "bn1.moving_mean" }?.values.contains { $0 != 0 } == true)
    }
}
