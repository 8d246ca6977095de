import Graphs
import MindSporeTestKit
import Models
import Networks
import Tensors

/// LeNet-5 with first values, and its graphs.
struct LeNet {
    let network = LeNet5()

    init(seed: UInt64 = 7) {
        for parameter in network.parameters { parameter.initialize(seed: seed) }
    }

    /// Images to logits.
    func graph(rows: Int) -> Graph {
        let trace = Trace()
        let images = trace.input("x", TensorType([rows, 1, 32, 32]))
        return trace.finish(outputs: [network(images)])
    }

    /// Images and labels to the mean loss.
    func lossGraph(rows: Int) -> Graph {
        let trace = Trace()
        let images = trace.input("x", TensorType([rows, 1, 32, 32]))
        let labels = trace.input("label", TensorType([rows], .int32))
        return trace.finish(outputs: [SoftmaxCrossEntropyWithLogits(sparse: true).construct(network(images), labels)])
    }

    static func images(_ rows: Int) -> Tensor { random([rows, 1, 32, 32], seed: UInt64(rows)) }

    /// Class numbers; the last is negative, so that it does not count.
    static func labels(_ rows: Int) -> Tensor {
        Tensor((0..<rows).map { $0 == rows - 1 && rows > 1 ? -1 : Int32($0 * 3 % 10) }, shape: [rows])
    }
}
