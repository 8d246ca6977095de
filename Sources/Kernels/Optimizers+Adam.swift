import Glibc

/// Takes a step of Adam with decoupled weight decay (Loshchilov and Hutter, 2019), in one pass.
///
/// With `g = gradientScale · gradient`: `p −= rate · decay · p`, `m += (1 − β₁) (g − m)`, `v = β₂ v + (1 − β₂) g²`, then
/// `p −= rate / (1 − β₁ˢ) · m / (√v / √(1 − β₂ˢ) + ε)` for step s. All arrays have the same length; `m` and `v` are 0 before
/// the first step, whose number is 1. The order of operations is that of PyTorch's `AdamW`; MindSpore: `AdamWeightDecay`,
/// which corrects no bias.
///
/// The betas are double, for 1 − 0.999 in single precision is off by 1e-5.
public func adamWUpdate(
    _ parameter: inout MutableSpan<Float>, m: inout MutableSpan<Float>, v: inout MutableSpan<Float>,
    gradient: Span<Float>, learningRate: Float, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0.01, gradientScale: Float = 1, step: Int, pool: ThreadPool
) {
    let count = parameter.count
    require(m.count, of: "m", is: count)
    require(v.count, of: "v", is: count)
    require(gradient.count, of: "the gradient", is: count)
    precondition(step >= 1, "the first step of Adam is 1, not \(step)")
    let rule = AdamWRule(
        learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
        gradientScale: gradientScale, step: step)
    unsafe withTargets(&parameter, &m, &v) { p, m, v in
        unsafe gradient.withAddress { g in
            unsafe pool.forEachChunk(of: count, with: (rule, p, m, v, g)) { work, chunk in
                let (rule, start) = unsafe (work.0, chunk.lowerBound)
                unsafe rule.update(
                    work.1 + start, work.2 + start, work.3 + start, work.4 + start, count: chunk.count)
            }
        }
    }
}

/// The numbers of one step, which are the same for every element.
private struct AdamWRule {
    private let keptParameter: Float
    private let newShare: Float
    private let keptSquares: Float
    private let newSquares: Float
    private let rate: Float
    private let rootScale: Float
    private let epsilon: Float
    private let gradientScale: Float

    init(
        learningRate: Float, beta1: Double, beta2: Double, epsilon: Float, weightDecay: Float, gradientScale: Float,
        step: Int
    ) {
        keptParameter = Float(1 - Double(learningRate) * Double(weightDecay))
        newShare = Float(1 - beta1)
        keptSquares = Float(beta2)
        newSquares = Float(1 - beta2)
        rate = Float(Double(learningRate) / (1 - pow(beta1, Double(step))))
        rootScale = Float(1 / (1 - pow(beta2, Double(step))).squareRoot())
        self.epsilon = epsilon
        self.gradientScale = gradientScale
    }

    func update(
        _ parameter: UnsafeMutablePointer<Float>, _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>,
        _ gradient: UnsafePointer<Float>, count: Int
    ) {
        forEachLanes(of: count) { i, width in
            let g = unsafe Lanes(at: gradient + i, width: width) * gradientScale
            var mean = unsafe Lanes(at: m + i, width: width)
            var squares = unsafe Lanes(at: v + i, width: width) * keptSquares
            mean = mean.plus(newShare, times: g - mean)
            squares = squares.plus(newSquares, times: g * g)
            let deviation = Lanes(repeating: epsilon).plus(rootScale, times: squares.squareRoot())
            let p = unsafe Lanes(at: parameter + i, width: width) * keptParameter
            unsafe p.plus(-rate, times: mean / deviation).store(to: parameter + i, width: width)
            unsafe mean.store(to: m + i, width: width)
            unsafe squares.store(to: v + i, width: width)
        }
    }
}
