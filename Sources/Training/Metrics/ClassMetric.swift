/// A number of each class, of which a metric is the mean (MindSpore's `eval(average=True)`).
open class ClassMetric: ConfusionMatrix {
    /// Makes a metric for this many classes.
    public init(classes: Int) { super.init(classes: classes) }

    /// The number of each class; 0 where there is nothing to divide by.
    open var perClass: [Double] { right }

    /// The mean over the classes.
    public final override func eval() -> Double { perClass.reduce(0, +) / Double(classes) }

    /// Each part divided by its whole; 0 where that is 0.
    public final func shares(_ parts: [Double], of wholes: [Double]) -> [Double] {
        zip(parts, wholes).map { $1 == 0 ? 0 : $0 / $1 }
    }
}
