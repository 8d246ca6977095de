import Execution
import Graphs
import Models
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
        func shape(_ stem: ImageStem, side: Int) -> Shape {
            let network = ResNet(.resNet18, classes: 7, channels: 1, stem: stem, width: 2)
            return network(Trace().input("x", TensorType([2, 1, side, side]))).shape
        }
        #expect(shape(.small, side: 32) == [2, 7])
        #expect(shape(.large, side: 224) == [2, 7])
    }

    /// A narrow network learns to tell two kinds of pictures apart.
    @Test func trainingMakesTheLossSmall() throws {
        let network = ResNet(.resNet18, classes: 2, channels: 1, stem: .small, width: 4)
        let losses = try losses(of: network, side: 8, rate: 0.05, steps: 16)
        #expect(losses[0] > 0.3 && losses[15] < losses[0] / 4, "\(losses)")
        #expect(network.parameters.first { $0.name == "bn1.moving_mean" }?.values.contains { $0 != 0 } == true)
    }
}
