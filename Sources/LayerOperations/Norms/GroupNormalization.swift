import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

/// Each of `groups` groups of channels of each sample of x [N, C, ...] brought to mean 0 and deviation 1, then each channel
/// scaled and shifted by vectors; with mean and variance of each group, [N, groups].
struct GroupNormalization: Operation {
    let groups: Int
    let epsilon: Float

    var name: String { "groupNorm" }

    var inputCount: Int? { 3 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandChannels(inputs)
        try demand(
            groups > 0 && inputs[0].shape[1] % groups == 0, "needs channels that its groups divide, not", inputs)
        let moments = TensorType([inputs[0].shape[0], groups])
        return [inputs[0], moments, moments]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        g.trace.apply(Gradient(groups: groups, epsilon: epsilon), to: [g, x[0], x[1], y[1], y[2]])
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = operands.shape.channelGeometry
        let (x, scale, shift) = (operands.input(0), operands.input(1), operands.input(2))
        let (y, means, variances) = (operands.result(0), operands.result(1), operands.result(2))
        return { [groups, epsilon, pool = operands.pool] in
            var result = y.mutableSpan
            var mean = means.mutableSpan
            var variance = variances.mutableSpan
            LayerKernels.groupNorm(
                x.span, gamma: scale.span, beta: shift.span, into: &result, mean: &mean, variance: &variance,
                geometry: geometry, groups: groups, epsilon: epsilon, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let moments = MindSporeType([calls.type.dimensions[0], groups])
        return calls.callForFirst(
            .groupNorm, calls.x[0], groups, calls.x[1], calls.x[2], epsilon, giving: [calls.type, moments, moments])
    }
}

extension GroupNormalization {
    /// The gradients of x, scale and shift from that of the result, x, scale, mean and variance.
    struct Gradient: Operation {
        let groups: Int
        let epsilon: Float

        var name: String { "groupNormGradient" }

        var inputCount: Int? { 5 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            [inputs[0], inputs[2], inputs[2]]
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = operands.shape.channelGeometry
            let (g, x, scale) = (operands.input(0), operands.input(1), operands.input(2))
            let (means, variances) = (operands.input(3), operands.input(4))
            let (ofX, ofScale, ofShift) = (operands.result(0), operands.result(1), operands.result(2))
            return { [groups, epsilon, pool = operands.pool] in
                var xGradient = ofX.mutableSpan
                var scaleGradient = ofScale.mutableSpan
                var shiftGradient = ofShift.mutableSpan
                LayerKernels.groupNormGradient(
                    g.span, x: x.span, gamma: scale.span, mean: means.span, variance: variances.span,
                    into: &xGradient, gammaGradient: &scaleGradient, betaGradient: &shiftGradient,
                    geometry: geometry, groups: groups, epsilon: epsilon, pool: pool)
            }
        }
    }
}

extension Operation where Self == GroupNormalization {
    static func groupNorm(groups: Int, epsilon: Float) -> Self { Self(groups: groups, epsilon: epsilon) }
}
