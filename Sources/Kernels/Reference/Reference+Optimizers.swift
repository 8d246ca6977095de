import Glibc

// The formulas of MindSpore's documentation, word for word.
extension Reference {
    /// `p −= rate · (g + decay · p)`.
    public static func sgdUpdate(
        _ parameter: inout MutableSpan<Float>, gradient: Span<Float>, learningRate: Float, weightDecay: Float = 0
    ) {
        for i in 0..<parameter.count {
            parameter[i] -= learningRate * (gradient[i] + weightDecay * parameter[i])
        }
    }

    /// `nn.SGD` with momentum.
    public static func sgdUpdate(
        _ parameter: inout MutableSpan<Float>, accumulation: inout MutableSpan<Float>, gradient: Span<Float>,
        learningRate: Float, momentum: Float, dampening: Float = 0, weightDecay: Float = 0, nesterov: Bool = false,
        isFirstStep: Bool
    ) {
        for i in 0..<parameter.count {
            let g = gradient[i] + weightDecay * parameter[i]
            let v = isFirstStep ? g : momentum * accumulation[i] + (1 - dampening) * g
            accumulation[i] = v
            parameter[i] -= nesterov ? learningRate * (g + momentum * v) : learningRate * v
        }
    }

    /// `nn.Momentum`.
    public static func momentumUpdate(
        _ parameter: inout MutableSpan<Float>, moment: inout MutableSpan<Float>, gradient: Span<Float>,
        learningRate: Float, momentum: Float, weightDecay: Float = 0, nesterov: Bool = false
    ) {
        for i in 0..<parameter.count {
            let g = gradient[i] + weightDecay * parameter[i]
            let v = momentum * moment[i] + g
            moment[i] = v
            parameter[i] -= nesterov ? learningRate * g + learningRate * momentum * v : learningRate * v
        }
    }
}

extension Reference {
    /// PyTorch's `AdamW`, in double precision.
    public static func adamWUpdate(
        _ parameter: inout MutableSpan<Float>, m: inout MutableSpan<Float>, v: inout MutableSpan<Float>,
        gradient: Span<Float>, learningRate: Float, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-8,
        weightDecay: Float = 0.01, gradientScale: Float = 1, step: Int
    ) {
        let rate = Double(learningRate)
        for i in 0..<parameter.count {
            let g = Double(gradient[i]) * Double(gradientScale)
            let mean = beta1 * Double(m[i]) + (1 - beta1) * g
            let squares = beta2 * Double(v[i]) + (1 - beta2) * g * g
            let deviation = (squares / (1 - pow(beta2, Double(step)))).squareRoot() + Double(epsilon)
            let kept = Double(parameter[i]) * (1 - rate * Double(weightDecay))
            parameter[i] = Float(kept - rate * mean / (1 - pow(beta1, Double(step))) / deviation)
            (m[i], v[i]) = (Float(mean), Float(squares))
        }
    }
}
