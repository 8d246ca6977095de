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
                let g = unsafe Lanes(at: gradient + i, width: width).adding(weightDecay, times: p)
                unsafe p.adding(-learningRate, times: g).store(to: parameter + i, width: width)
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
    // The first step keeps nothing of what stands in the accumulation, be it NaN: it is a case, not a factor of 0.
    let share = isFirstStep ? 1 : 1 - dampening
    updateWithVelocity(&parameter, &accumulation, gradient, weightDecay: weightDecay) { p, v, g in
        v = isFirstStep ? g : (g * share).adding(momentum, times: v)
        let direction = nesterov ? g.adding(momentum, times: v) : v
        p = p.adding(-learningRate, times: direction)
    }
}

/// Takes a step of gradient descent with momentum, as MindSpore's `nn.Momentum` does.
///
/// With `g += decay · p` first: `v = momentum · v + g`; then `p −= rate · v`, or with `nesterov`
/// `p −= rate · g + rate · momentum · v`. All arrays have the same length.
public func momentumUpdate(
    _ parameter: inout MutableSpan<Float>, moment: inout MutableSpan<Float>, gradient: Span<Float>,
    learningRate: Float, momentum: Float, weightDecay: Float = 0, nesterov: Bool = false
) {
    updateWithVelocity(&parameter, &moment, gradient, weightDecay: weightDecay) { p, v, g in
        v = g.adding(momentum, times: v)
        let direction = nesterov ? g.adding(momentum, times: v) : v
        p = p.adding(-learningRate, times: direction)
    }
}

/// Passes parameter, velocity and decayed gradient through `step`, lane by lane: the door of the updates with momentum.
@inline(__always)
private func updateWithVelocity(
    _ parameter: inout MutableSpan<Float>, _ velocity: inout MutableSpan<Float>, _ gradient: Span<Float>,
    weightDecay: Float, kernel: StaticString = #function, _ step: (inout Lanes, inout Lanes, Lanes) -> Void
) {
    let count = parameter.count
    require(velocity.count, of: "the moment", is: count, in: kernel)
    require(gradient.count, of: "the gradient", is: count, in: kernel)
    unsafe parameter.withAddress { parameter in
        unsafe velocity.withAddress { velocity in
            unsafe gradient.withAddress { gradient in
                forEachLanes(of: count) { i, width in
                    var p = unsafe Lanes(at: parameter + i, width: width)
                    var v = unsafe Lanes(at: velocity + i, width: width)
                    let g = unsafe Lanes(at: gradient + i, width: width).adding(weightDecay, times: p)
                    step(&p, &v, g)
                    unsafe p.store(to: parameter + i, width: width)
                    unsafe v.store(to: velocity + i, width: width)
                }
            }
        }
    }
}

extension SIMD16<Float> {
    /// `self + factor · other`, rounded once.
    @inline(__always)
    fileprivate func adding(_ factor: Float, times other: Self) -> Self {
        addingProduct(other, Self(repeating: factor))
    }
}
