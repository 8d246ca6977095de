import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

/// Each channel of x [N, C, ...] brought to mean 0 and deviation 1 over the batch, then scaled and shifted by vectors; with
/// mean and variance of each channel.
struct BatchNormalization: Operation {
    let epsilon: Float

    var name: String { "batchNorm" }

    var inputCount: Int? { 3 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandChannels(inputs)
        return [inputs[0], inputs[1], inputs[1]]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        g.trace.apply(Gradient(epsilon: epsilon), to: [g, x[0], x[1], y[1], y[2]])
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = operands.shape.channelGeometry
        let (x, scale, shift) = (operands.input(0), operands.input(1), operands.input(2))
        let (y, means, variances) = (operands.result(0), operands.result(1), operands.result(2))
        return { [epsilon, pool = operands.pool] in
            var result = y.mutableSpan
            var mean = means.mutableSpan
            var variance = variances.mutableSpan
            LayerKernels.batchNorm(
                x.span, gamma: scale.span, beta: shift.span, into: &result, mean: &mean, variance: &variance,
                geometry: geometry, epsilon: epsilon, pool: pool)
        }
    }

    /// What a batch that MindSpore runs has for moments, training in Lockstep had too.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw NoMindSporeForm("it normalises by the batch at hand; trace the graph for inference")
    }
}

extension Graph {
    /// Whether something in it is normalised by the samples at hand, of which each rank has others.
    package var normalizesBySamples: Bool { nodes.contains { $0.operation is BatchNormalization } }
}

extension BatchNormalization {
    /// The gradients of x, scale and shift from that of the result, x, scale, mean and variance.
    struct Gradient: Operation {
        let epsilon: Float

        var name: String { "batchNormGradient" }

        var inputCount: Int? { 5 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            [inputs[0], inputs[2], inputs[2]]
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = operands.shape.channelGeometry
            let (g, x, scale) = (operands.input(0), operands.input(1), operands.input(2))
            let (means, variances) = (operands.input(3), operands.input(4))
            let (ofX, ofScale, ofShift) = (operands.result(0), operands.result(1), operands.result(2))
            return { [epsilon, pool = operands.pool] in
                var xGradient = ofX.mutableSpan
                var scaleGradient = ofScale.mutableSpan
                var shiftGradient = ofShift.mutableSpan
                LayerKernels.batchNormGradient(
                    g.span, x: x.span, gamma: scale.span, mean: means.span, variance: variances.span,
                    into: &xGradient, gammaGradient: &scaleGradient, betaGradient: &shiftGradient,
                    geometry: geometry, epsilon: epsilon, pool: pool)
            }
        }
    }
}

extension Operation {
    /// Throws unless the first input is [N, C, ...] and all others are vectors of C.
    func demandChannels(_ inputs: [TensorType]) throws(Misfit) {
        let x = inputs[0].shape
        try demand(x.rank >= 2 && !x.dimensions.contains(0), "needs [N, C, ...] of at least one element, not", inputs)
        try demand(
            inputs.dropFirst().allSatisfy { $0.shape == [x[1]] }, "needs one number a channel after the first, not",
            inputs)
    }
}

extension Shape {
    /// [N, C, ...] as images of channels.
    var channelGeometry: ChannelGeometry {
        ChannelGeometry(batch: self[0], channels: self[1], plane: dimensions.dropFirst(2).reduce(1, *))
    }
}

extension Operation where Self == BatchNormalization {
    static func batchNorm(epsilon: Float) -> Self { Self(epsilon: epsilon) }
}
