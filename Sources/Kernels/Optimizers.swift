/// Takes a plain step of gradient descent: `p −= rate · (g + decay · p)`.
///
/// MindSpore: `nn.SGD` with momentum 0.
public func sgdUpdate(
    _ parameter: inout MutableSpan<Float>, gradient: Span<Float>, learningRate: Float, weightDecay: Float = 0
) {
    let count = parameter.count
    require(gradient.count, of: "the gradient", is: count)
    unsafe parameter.withAddress { parameter in
        unsafe gradient.withAddress { gradient in
            forEachLanes(of: count) { i, width in
                let p = unsafe Lanes(at: parameter + i, width: width)
                let g = unsafe Lanes(at: gradient + i, width: width).plus(weightDecay, times: p)
                unsafe p.plus(-learningRate, times: g).store(to: parameter + i, width: width)
            }
        }
    }
}

/// Takes a step of gradient descent with momentum, as MindSpore's `nn.SGD` does.
///
/// With `g += decay · p` first: `v = momentum · v + (1 − dampening) · g`, and on the first step `v = g`; then
/// `p −= rate · v`, or with `nesterov` `p −= rate · (g + momentum · v)`. All arrays have the same length.
public func sgdUpdate(
    _ parameter: inout MutableSpan<Float>, accumulation: inout MutableSpan<Float>, gradient: Span<Float>,
    learningRate: Float, momentum: Float, dampening: Float = 0, weightDecay: Float = 0, nesterov: Bool = false,
    isFirstStep: Bool
) {
    let rule = MomentumRule(
        learningRate: learningRate, momentum: momentum, share: isFirstStep ? 1 : 1 - dampening, nesterov: nesterov,
        isFirstStep: isFirstStep)
    rule.update(&parameter, &accumulation, gradient, weightDecay: weightDecay)
}

/// Takes a step of gradient descent with momentum, as MindSpore's `nn.Momentum` does.
///
/// With `g += decay · p` first: `v = momentum · v + g`; then `p −= rate · v`, or with `nesterov`
/// `p −= rate · g + rate · momentum · v`. All arrays have the same length.
public func momentumUpdate(
    _ parameter: inout MutableSpan<Float>, moment: inout MutableSpan<Float>, gradient: Span<Float>,
    learningRate: Float, momentum: Float, weightDecay: Float = 0, nesterov: Bool = false
) {
    let rule = MomentumRule(
        learningRate: learningRate, momentum: momentum, share: 1, nesterov: nesterov, isFirstStep: false)
    rule.update(&parameter, &moment, gradient, weightDecay: weightDecay)
}

/// A step with momentum: how the velocity follows the gradient, and the parameter the velocity.
private struct MomentumRule {
    let learningRate: Float
    let momentum: Float

    /// The share of the gradient in the velocity: 1 without dampening.
    let share: Float

    let nesterov: Bool

    /// Whether what stands in the velocity is left out of it. A case, not a factor of 0: it may be NaN.
    let isFirstStep: Bool

    /// Updates arrays of one length in one pass.
    func update(
        _ parameter: inout MutableSpan<Float>, _ velocity: inout MutableSpan<Float>, _ gradient: Span<Float>,
        weightDecay: Float
    ) {
        let count = parameter.count
        require(velocity.count, of: "the moment", is: count, in: "a momentum update")
        require(gradient.count, of: "the gradient", is: count, in: "a momentum update")
        unsafe withTargets(&parameter, &velocity) { parameter, velocity in
            unsafe gradient.withAddress { gradient in
                forEachLanes(of: count) { i, width in
                    var p = unsafe Lanes(at: parameter + i, width: width)
                    var v = unsafe Lanes(at: velocity + i, width: width)
                    let g = unsafe Lanes(at: gradient + i, width: width).plus(weightDecay, times: p)
                    step(&p, &v, g)
                    unsafe p.store(to: parameter + i, width: width)
                    unsafe v.store(to: velocity + i, width: width)
                }
            }
        }
    }

    @inline(__always)
    private func step(_ p: inout Lanes, _ v: inout Lanes, _ g: Lanes) {
        v = isFirstStep ? g : (g * share).plus(momentum, times: v)
        let direction = nesterov ? g.plus(momentum, times: v) : v
        p = p.plus(-learningRate, times: direction)
    }
}
