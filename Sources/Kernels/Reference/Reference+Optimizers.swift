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
