import Memory

/// Precision and recall in one number, in which recall counts β times as much (MindSpore's `nn.Fbeta`); on average over the
/// classes.
open class Fbeta: ClassMetric {
    private let beta: Double

    /// Makes a metric.
    public init(classes: Int, beta: Double) {
        insist(beta > 0, "the beta of an F score cannot be \(beta); it is above 0")
        self.beta = beta
        super.init(classes: classes)
    }

    /// That of each class.
    public final override var perClass: [Double] {
        let square = beta * beta
        return shares(right.map { (1 + square) * $0 }, of: zip(labels, answers).map { square * $0 + $1 })
    }
}

/// The harmonic mean of precision and recall (MindSpore's `nn.F1`); on average over the classes.
public final class F1: Fbeta {
    /// Makes a metric for this many classes.
    public init(classes: Int) { super.init(classes: classes, beta: 1) }
}
