import Glibc
public import Kernels

// In MindSpore's formulas and order. All arrays of a call have the same length; the betas are double, for 1 − 0.999 in single
// precision is off by 1e-5. Elements are spread over the pool.

/// Takes a step of MindSpore's `nn.Adam`.
///
/// With `g += decay · p` first and s the step, from 1 on: `m += (1 − β₁) (g − m)`, `v += (1 − β₂) (g² − v)`, then
/// `p −= rate · √(1 − β₂ˢ) / (1 − β₁ˢ) · m / (√v + ε)`; with `nesterov` β₁ m + (1 − β₁) g stands for m there.
public func adamUpdate(
    _ parameter: inout MutableSpan<Float>, m: inout MutableSpan<Float>, v: inout MutableSpan<Float>,
    gradient: Span<Float>, learningRate: Float, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, nesterov: Bool = false, step: Int, pool: ThreadPool
) {
    let corrected =
        Double(learningRate) * (1 - pow(beta2, Double(step))).squareRoot() / (1 - pow(beta1, Double(step)))
    let rule = AdamRule(
        rate: Float(corrected), beta1: Float(beta1), newShare: Float(1 - beta1), newSquares: Float(1 - beta2),
        epsilon: epsilon, decay: weightDecay, nesterov: nesterov)
    updateElements(&parameter, &m, &v, gradient, rule, pool) { rule, p, m, v, gradient in
        let g = gradient.plus(rule.decay, times: p)
        m = m.plus(rule.newShare, times: g - m)
        v = v.plus(rule.newSquares, times: g * g - v)
        let direction = rule.nesterov ? (m * rule.beta1).plus(rule.newShare, times: g) : m
        p = p.plus(-rule.rate, times: direction.divided(by: v.squareRoot() + rule.epsilon))
    }
}

/// The numbers of a step of Adam, the same for every element.
private struct AdamRule {
    let rate: Float
    let beta1: Float
    let newShare: Float
    let newSquares: Float
    let epsilon: Float
    let decay: Float
    let nesterov: Bool
}

/// Takes a step of Lion (Chen and others, 2023).
///
/// `p −= rate · (sign(β₁ m + (1 − β₁) g) + decay · p)`, then `m = β₂ m + (1 − β₂) g`.
public func lionUpdate(
    _ parameter: inout MutableSpan<Float>, m: inout MutableSpan<Float>, gradient: Span<Float>, learningRate: Float,
    beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Float = 0, pool: ThreadPool
) {
    let rule = (
        rate: learningRate, new1: Float(1 - beta1), new2: Float(1 - beta2), kept: 1 - learningRate * weightDecay
    )
    updateElements(&parameter, &m, gradient, rule, pool) { rule, p, m, g in
        let mix = m.plus(rule.new1, times: g - m)
        let sign = Lanes.zero.replacing(with: 1, where: mix .> 0).replacing(with: -1, where: mix .< 0)
        p = (p * rule.kept).plus(-rule.rate, times: sign)
        m = m.plus(rule.new2, times: g - m)
    }
}

/// Takes a step of MindSpore's `nn.Adagrad`: with `g += decay · p` first, `a += g²`, then `p −= rate · g / √a`.
///
/// - Parameter updatesSlots: whether `a` takes the square at all (MindSpore: `update_slots`).
public func adagradUpdate(
    _ parameter: inout MutableSpan<Float>, accumulation: inout MutableSpan<Float>, gradient: Span<Float>,
    learningRate: Float, weightDecay: Float = 0, updatesSlots: Bool = true, pool: ThreadPool
) {
    let rule = (rate: learningRate, decay: weightDecay, share: updatesSlots ? Float(1) : 0)
    updateElements(&parameter, &accumulation, gradient, rule, pool) { rule, p, squares, gradient in
        let g = gradient.plus(rule.decay, times: p)
        squares = squares.plus(g * rule.share, times: g)
        p = p.plus(-rule.rate, times: g.divided(by: squares.squareRoot()))
    }
}

/// Takes a step of MindSpore's `nn.RMSProp`: with `g += decay · p` first, `s = ρ s + (1 − ρ) g²`, `w = momentum · w + rate · g /
/// √(s + ε)`, then `p −= w`.
public func rmsPropUpdate(
    _ parameter: inout MutableSpan<Float>, meanSquare: inout MutableSpan<Float>, moment: inout MutableSpan<Float>,
    gradient: Span<Float>, learningRate: Float, decay: Float = 0.9, momentum: Float = 0, epsilon: Float = 1e-10,
    weightDecay: Float = 0, pool: ThreadPool
) {
    let rule = (rate: learningRate, decay: decay, momentum: momentum, epsilon: epsilon, weightDecay: weightDecay)
    updateElements(&parameter, &meanSquare, &moment, gradient, rule, pool) { rule, p, squares, moment, gradient in
        let g = gradient.plus(rule.weightDecay, times: p)
        squares = squares.plus(1 - rule.decay, times: g * g - squares)
        let root = (squares + rule.epsilon).squareRoot()
        moment = (moment * rule.momentum).plus(rule.rate, times: g.divided(by: root))
        p -= moment
    }
}

/// The same centred: `a = ρ a + (1 − ρ) g` is subtracted, `w = momentum · w + rate · g / √(s − a² + ε)`.
public func centeredRMSPropUpdate(
    _ parameter: inout MutableSpan<Float>, meanGradient: inout MutableSpan<Float>,
    meanSquare: inout MutableSpan<Float>, moment: inout MutableSpan<Float>, gradient: Span<Float>, learningRate: Float,
    decay: Float = 0.9, momentum: Float = 0, epsilon: Float = 1e-10, weightDecay: Float = 0, pool: ThreadPool
) {
    let count = parameter.count
    require(meanGradient.count, of: "the mean gradient", is: count)
    require(meanSquare.count, of: "the mean square", is: count)
    require(moment.count, of: "the moment", is: count)
    require(gradient.count, of: "the gradient", is: count)
    let rule = (rate: learningRate, decay: decay, momentum: momentum, epsilon: epsilon, weightDecay: weightDecay)
    unsafe withTargets(&parameter, &meanGradient) { p, mean in
        unsafe withTargets(&meanSquare, &moment) { squares, moment in
            unsafe gradient.withAddress { gradient in
                unsafe pool.forEachChunk(of: count, with: (p, mean, squares, moment, gradient, rule)) { work, chunk in
                    for i in stride(from: chunk.lowerBound, to: chunk.upperBound, by: Lanes.scalarCount) {
                        let (width, rule) = unsafe (min(Lanes.scalarCount, chunk.upperBound - i), work.5)
                        let p = unsafe Lanes(at: work.0 + i, width: width)
                        let g = unsafe Lanes(at: work.4 + i, width: width).plus(rule.weightDecay, times: p)
                        var mean = unsafe Lanes(at: work.1 + i, width: width)
                        var squares = unsafe Lanes(at: work.2 + i, width: width)
                        mean = mean.plus(1 - rule.decay, times: g - mean)
                        squares = squares.plus(1 - rule.decay, times: g * g - squares)
                        // Rounding may take a little more than there is.
                        let variance = (squares - mean * mean).larger(Lanes.zero)
                        let root = (variance + rule.epsilon).squareRoot()
                        let moment = unsafe (Lanes(at: work.3 + i, width: width) * rule.momentum)
                            .plus(rule.rate, times: g.divided(by: root))
                        unsafe (p - moment).store(to: work.0 + i, width: width)
                        unsafe mean.store(to: work.1 + i, width: width)
                        unsafe squares.store(to: work.2 + i, width: width)
                        unsafe moment.store(to: work.3 + i, width: width)
                    }
                }
            }
        }
    }
}
