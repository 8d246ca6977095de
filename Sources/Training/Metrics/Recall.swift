/// Of the samples of a class, the share that is found (MindSpore's `nn.Recall`); on average over the classes.
public final class Recall: ClassMetric {
    /// That of each class.
    public override var perClass: [Double] { shares(right, of: labels) }
}
