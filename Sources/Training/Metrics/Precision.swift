/// Of the answers of a class, the share that is right (MindSpore's `nn.Precision`); on average over the classes.
public final class Precision: ClassMetric {
    /// That of each class.
    public override var perClass: [Double] { shares(right, of: answers) }
}
