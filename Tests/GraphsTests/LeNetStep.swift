import Collectives
import Graphs
import Models
import Networks
import Tensors

/// A training step of LeNet-5 with momentum, written with the calls of `TrainingStep` in module Training.
struct LeNetStep {
    let network = LeNet5()
    let graph: Graph
    private let batch: Int

    /// Makes the step; `group` names the ranks over which gradients are averaged, all in one message.
    init(batch: Int, group: String? = nil) {
        self.batch = batch
        let parameters = network.trainableParameters
        for parameter in parameters { parameter.initialize(seed: 3) }
        let optimizer = Momentum(parameters, learningRate: 0.05, momentum: 0.9)
        let trace = Trace()
        let images = trace.input("image", TensorType([batch, 1, 32, 32]))
        let labels = trace.input("label", TensorType([batch], .int32))
        let loss = SoftmaxCrossEntropyWithLogits(sparse: true).construct(network(images), labels)
        var ready: [(target: Int, gradient: Symbol)] = []
        _ = trace.gradients(of: loss, withRespectTo: parameters.map(trace.symbol)) { ready.append(($0, $1)) }
        if let group {
            let averaged = trace.apply(.allReduce(.average, group: group), to: ready.map(\.gradient))
            ready = zip(ready, averaged).map { ($0.target, $1) }
        }
        for (target, gradient) in ready { optimizer.update(target, gradient: gradient) }
        graph = trace.finish(outputs: [loss])
    }

    /// Random images and labels.
    func inputs(seed: UInt64) -> [Tensor] {
        let labels = (0..<batch).map { Int32(truncatingIfNeeded: ($0 * 7 + Int(seed)) % 10) }
        return [random([batch, 1, 32, 32], seed: seed), Tensor(labels, shape: [batch])]
    }
}
