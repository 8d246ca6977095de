import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

/// Each channel of x [N, C, ...] normalised by a mean and a variance that are given, then scaled and shifted: from x, scale,
/// shift, mean and variance.
///
/// In inference the moments are those that training has seen. In training they may be those of all ranks' batches, of which x
/// is a part; the gradient of x then goes through them, with what the ranks add up.
struct ChannelNormalization: Operation {
    let epsilon: Float
    let momentsAreOfBatches: Bool

    var name: String { "channelNorm" }

    var inputCount: Int? { 5 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandChannels(inputs)
        return [inputs[0]]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        let trace = g.trace
        let own = trace.apply(Sums(epsilon: epsilon), to: [g, x[0], x[3], x[4]])
        return [momentsAreOfBatches ? gradient(x, g, sums: own) : scaled(g, x), own[0], own[1], nil, nil]
    }

    private func gradient(_ x: [Symbol], _ g: Symbol, sums: [Symbol]) -> Symbol {
        let all = g.trace.meanOverRanks(sums)
        return g.apply(Gradient(epsilon: epsilon), x[0], x[1], x[3], x[4], all[0], all[1])
    }

    /// Given moments do not depend on x, and the sums belong to scale and shift alone: where these are frozen, nobody computes them.
    private func scaled(_ g: Symbol, _ x: [Symbol]) -> Symbol {
        let zeros = g.trace.constant(Tensor(zeros: x[1].shape))
        return g.apply(self, x[1], zeros, zeros, x[4])
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = operands.shape.channelGeometry
        let (x, scale, shift) = (operands.input(0), operands.input(1), operands.input(2))
        let (mean, variance, y) = (operands.input(3), operands.input(4), operands.result())
        return { [epsilon, pool = operands.pool] in
            var result = y.mutableSpan
            LayerKernels.channelNorm(
                x.span, mean: mean.span, variance: variance.span, gamma: scale.span, beta: shift.span, into: &result,
                geometry: geometry, epsilon: epsilon, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let (x, vector) = (calls.x[0], calls.x[1].type)
        // BatchNorm takes [N, C, H, W] alone.
        let sizes = Array(x.type.dimensions.prefix(2))
        let plane = try calls.known(Array(x.type.dimensions.dropFirst(2))).reduce(1, *)
        let planar = x.type.rank == 4 ? x.type : MindSporeType(sizes + [plane, 1])
        let input =
            planar == x.type ? x : calls.call(.reshape, x, try calls.openOnce(planar.dimensions), giving: planar)
        let result = calls.callForFirst(
            .batchNorm, input, calls.x[1], calls.x[2], calls.x[3], calls.x[4], false, epsilon, Float(0.1),
            DataFormat.nchw, giving: [planar, vector, vector, vector, vector])
        return planar == x.type ? result : calls.call(.reshape, result, try calls.openOnce(x.type.dimensions))
    }
}

extension ChannelNormalization {
    /// The gradients of scale and shift from that of the result, x, mean and variance.
    struct Sums: Operation {
        let epsilon: Float

        var name: String { "channelNormSums" }

        var inputCount: Int? { 4 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [inputs[2], inputs[2]] }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = operands.shape.channelGeometry
            let (g, x) = (operands.input(0), operands.input(1))
            let (mean, variance) = (operands.input(2), operands.input(3))
            let (ofScale, ofShift) = (operands.result(0), operands.result(1))
            return { [epsilon, pool = operands.pool] in
                var scaleGradient = ofScale.mutableSpan
                var shiftGradient = ofShift.mutableSpan
                LayerKernels.channelNormSums(
                    g.span, x: x.span, mean: mean.span, variance: variance.span, gammaGradient: &scaleGradient,
                    betaGradient: &shiftGradient, geometry: geometry, epsilon: epsilon, pool: pool)
            }
        }
    }

    /// The gradient of x from that of the result, x, scale, mean, variance and the gradients of scale and shift: means over the
    /// ranks, as the moments are.
    struct Gradient: Operation {
        let epsilon: Float

        var name: String { "channelNormGradient" }

        var inputCount: Int? { 7 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [inputs[0]] }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = operands.shape.channelGeometry
            let (g, x, scale) = (operands.input(0), operands.input(1), operands.input(2))
            let (mean, variance) = (operands.input(3), operands.input(4))
            let (ofScale, ofShift, ofX) = (operands.input(5), operands.input(6), operands.result())
            // Sums that are means over the ranks belong to as many elements as one rank has.
            let total = geometry.channelCount
            return { [epsilon, pool = operands.pool] in
                var result = ofX.mutableSpan
                LayerKernels.channelNormGradient(
                    g.span, x: x.span, gamma: scale.span, mean: mean.span, variance: variance.span,
                    gammaGradient: ofScale.span, betaGradient: ofShift.span, total: total, into: &result,
                    geometry: geometry, epsilon: epsilon, pool: pool)
            }
        }
    }
}

/// Mean and variance of each channel of x [N, C, ...]. They pass no gradient on: who normalises by them does.
struct BatchMoments: Operation {
    var inputCount: Int? { 1 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandChannels(inputs)
        return [TensorType([inputs[0].shape[1]]), TensorType([inputs[0].shape[1]])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] { [nil] }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = operands.shape.channelGeometry
        let (x, means, variances) = (operands.input(), operands.result(0), operands.result(1))
        return { [pool = operands.pool] in
            var mean = means.mutableSpan
            var variance = variances.mutableSpan
            LayerKernels.channelMoments(x.span, mean: &mean, variance: &variance, geometry: geometry, pool: pool)
        }
    }
}

/// Moves its first input, a parameter, by a share of the way towards the second.
struct MoveTowards: Operation {
    let share: Float

    var inputCount: Int? { 2 }

    var role: OperationRole { .update }

    func changes(input index: Int) -> Bool { index == 0 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs[0] == inputs[1], "needs a value of the parameter's shape, not", inputs)
        return []
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (moving, value) = (operands.input(0), operands.input(1))
        return { [share] in
            var target = moving.mutableSpan
            LayerKernels.updateMovingStatistic(&target, towards: value.span, share: share)
        }
    }
}

extension Operation where Self == ChannelNormalization {
    static func channelNorm(epsilon: Float, momentsAreOfBatches: Bool = false) -> Self {
        Self(epsilon: epsilon, momentsAreOfBatches: momentsAreOfBatches)
    }
}

extension Operation where Self == BatchMoments {
    static var batchMoments: Self { Self() }
}

extension Operation where Self == MoveTowards {
    static func moveTowards(share: Float) -> Self { Self(share: share) }
}
