import Glibc
public import Kernels

/// The settings of a step of Adafactor (Shazeer and Stern, 2018), with MindSpore's names and defaults (`nn.AdaFactor`).
public struct AdafactorStep: Sendable, Hashable {
    /// Added to squares, and the least size that a parameter counts as having (`eps`).
    public var epsilon: (square: Float, parameter: Float) {
        get { (squareEpsilon, parameterEpsilon) }
        set { (squareEpsilon, parameterEpsilon) = newValue }
    }

    private var squareEpsilon: Float = 1e-30
    private var parameterEpsilon: Float = 1e-3

    /// The root mean square that an update has at most.
    public var clipThreshold: Float = 1

    /// How fast squares are forgotten: `β₂ = 1 − step^(−decayRate)`. It is above 0, as MindSpore's is; fairseq and PyTorch write it
    /// with a minus.
    public var decayRate: Double = 0.8

    /// The share that the moment keeps; nil for no moment.
    public var beta1: Float? = 0.9

    /// The share of itself that a parameter loses, times the rate.
    public var weightDecay: Float = 0

    /// Whether the rate is times the parameter's own size.
    public var scaleParameter = true

    /// The rate, without that size.
    public var learningRate: Float

    /// The number of the step, from 1 on.
    public var step: Int

    /// A step with MindSpore's defaults.
    public init(learningRate: Float, step: Int) {
        self.learningRate = learningRate
        self.step = step
    }

    /// The share that squares keep.
    fileprivate var keptSquares: Float { Float(1 - pow(Double(step), -decayRate)) }
}

/// Takes a step of Adafactor for a parameter of two dimensions and more, [matrices, rows, columns]: of the squares only means
/// over columns, `rowSquares` [matrices, rows], and over rows, `columnSquares` [matrices, columns], are kept.
///
/// `moment` has the parameter's length with `beta1`, and is empty without.
public func adafactorUpdate(
    _ parameter: inout MutableSpan<Float>, rowSquares: inout MutableSpan<Float>,
    columnSquares: inout MutableSpan<Float>, moment: inout MutableSpan<Float>, gradient: Span<Float>,
    matrices: Int, rows: Int, columns: Int, step: AdafactorStep, pool: ThreadPool
) {
    let count = matrices * rows * columns
    require(parameter.count, of: "the parameter", is: count)
    require(gradient.count, of: "the gradient", is: count)
    require(rowSquares.count, of: "the rows' squares", is: matrices * rows)
    require(columnSquares.count, of: "the columns' squares", is: matrices * columns)
    pool.withScratch(count) { update in
        square(gradient, into: &update)
        pool.withScratch(matrices * rows) { sums in
            sumLastAxis(update.span, into: &sums, rows: matrices * rows, columns: columns)
            keepMeans(of: sums.span, count: columns, in: &rowSquares, from: 0, step)
        }
        pool.withScratch(columns) { sums in
            for matrix in 0..<matrices {
                let squares = matrix * rows * columns..<(matrix + 1) * rows * columns
                sumLeadingAxis(
                    update.span.extracting(squares), into: &sums, rows: rows, columns: columns, pool: pool)
                keepMeans(of: sums.span, count: rows, in: &columnSquares, from: matrix * columns, step)
            }
        }
        for matrix in 0..<matrices {
            var mean: Float = 0
            for row in 0..<rows { mean += rowSquares[matrix * rows + row] / Float(rows) }
            for row in 0..<rows {
                let factor = 1 / (rowSquares[matrix * rows + row] / mean).squareRoot()
                for column in 0..<columns {
                    let place = (matrix * rows + row) * columns + column
                    update[place] = gradient[place] * factor / columnSquares[matrix * columns + column].squareRoot()
                }
            }
        }
        take(&update, into: &parameter, moment: &moment, step)
    }
}

/// The same for a parameter of one dimension, of which all squares are kept.
public func adafactorUpdate(
    _ parameter: inout MutableSpan<Float>, squares: inout MutableSpan<Float>, moment: inout MutableSpan<Float>,
    gradient: Span<Float>, step: AdafactorStep, pool: ThreadPool
) {
    let count = parameter.count
    require(squares.count, of: "the squares", is: count)
    require(gradient.count, of: "the gradient", is: count)
    pool.withScratch(count) { update in
        let kept = step.keptSquares
        for i in 0..<count {
            squares[i] = squares[i] * kept + (gradient[i] * gradient[i] + step.epsilon.square) * (1 - kept)
            update[i] = gradient[i] / squares[i].squareRoot()
        }
        take(&update, into: &parameter, moment: &moment, step)
    }
}

/// Moves kept means, from `start` on, towards those of the squares of this step, of whose sums each has `count`.
private func keepMeans(
    of sums: Span<Float>, count: Int, in kept: inout MutableSpan<Float>, from start: Int, _ step: AdafactorStep
) {
    let share = step.keptSquares
    for i in 0..<sums.count {
        kept[start + i] = kept[start + i] * share + (sums[i] / Float(count) + step.epsilon.square) * (1 - share)
    }
}

/// Clips an update, brings it to the rate, and takes it.
private func take(
    _ update: inout MutableSpan<Float>, into parameter: inout MutableSpan<Float>, moment: inout MutableSpan<Float>,
    _ step: AdafactorStep
) {
    let count = parameter.count
    require(moment.count, of: "the moment", is: step.beta1 == nil ? 0 : count, in: "adafactorUpdate")
    guard count > 0 else { return }
    let size = (sumOfSquares(of: parameter.span) / Float(count)).squareRoot()
    let length = (sumOfSquares(of: update.span) / Float(count)).squareRoot()
    let rate = step.learningRate * (step.scaleParameter ? max(step.epsilon.parameter, size) : 1)
    let factor = rate / max(1, length / step.clipThreshold)
    for i in 0..<count {
        var own = update[i] * factor
        if let beta1 = step.beta1 {
            moment[i] = moment[i] * beta1 + own * (1 - beta1)
            own = moment[i]
        }
        parameter[i] -= own + parameter[i] * step.weightDecay * rate
    }
}
