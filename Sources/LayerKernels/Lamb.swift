import Glibc
public import Kernels

/// Takes a step of Lamb (You and others, 2020), in MindSpore's formula (`nn.Lamb`).
///
/// With s the step, from 1 on: `m = β₁ m + (1 − β₁) g`, `v = β₂ v + (1 − β₂) g²`,
/// `r = m / (1 − β₁ˢ) / (√(v / (1 − β₂ˢ)) + ε) + decay · p`, then `p −= rate · ‖p‖ / ‖r‖ · r`, where the quotient is 1 if either
/// is 0. All arrays have the same length and are one whole parameter: the norms are over all of it.
public func lambUpdate(
    _ parameter: inout MutableSpan<Float>, m: inout MutableSpan<Float>, v: inout MutableSpan<Float>,
    gradient: Span<Float>, learningRate: Float, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-6,
    weightDecay: Float = 0, step: Int, pool: ThreadPool
) {
    let count = parameter.count
    require(m.count, of: "m", is: count)
    require(v.count, of: "v", is: count)
    require(gradient.count, of: "the gradient", is: count)
    let rule = LambRule(
        newShare: Float(1 - beta1), newSquares: Float(1 - beta2), meanScale: Float(1 / (1 - pow(beta1, Double(step)))),
        squareScale: Float(1 / (1 - pow(beta2, Double(step)))), epsilon: epsilon)
    pool.withScratch(count) { direction in
        updateElements(&direction, &m, &v, gradient, rule, pool) { rule, direction, m, v, g in
            m = m.plus(rule.newShare, times: g - m)
            v = v.plus(rule.newSquares, times: g * g - v)
            let root = (v * rule.squareScale).squareRoot() + rule.epsilon
            direction = (m * rule.meanScale).divided(by: root)
        }
        axpy(weightDecay, parameter.span, into: &direction)
        let (size, length) = (
            sumOfSquares(of: parameter.span).squareRoot(), sumOfSquares(of: direction.span).squareRoot()
        )
        let trust = size > 0 && length > 0 ? size / length : 1
        axpy(-learningRate * trust, direction.span, into: &parameter)
    }
}

/// The numbers of a step, the same for every element.
private struct LambRule {
    let newShare: Float
    let newSquares: Float
    let meanScale: Float
    let squareScale: Float
    let epsilon: Float
}
