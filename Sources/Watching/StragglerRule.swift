/// When a rank counts as slow: when its own part of a step takes so many times the median, for so long.
public struct StragglerRule: Hashable, Sendable {
    /// How many times the median of all ranks; above 1.
    public var factor: Double

    /// For how long without a break.
    public var duration: Duration

    /// One and a half times the median for half a minute. With four ranks a core beside other work, noise alone did not come to that
    /// within three seconds, and to 1.2 times the median did so four times in a hundred.
    public static let usual = StragglerRule(factor: 1.5, duration: .seconds(30))

    /// Makes a rule.
    public init(factor: Double, duration: Duration) {
        self.factor = factor
        self.duration = duration
    }
}
