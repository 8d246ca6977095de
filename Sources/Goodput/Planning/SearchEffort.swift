/// How much is tried to find the best interval.
struct SearchEffort: Sendable {
    /// The failures that each interval meets.
    var interruptions: Int

    /// The intervals that are tried first, far apart.
    var intervals: Int

    /// How often those beside the best one are tried then.
    var refinements: Int

    /// For figures.
    static let thorough = Self(interruptions: 3000, intervals: 41, refinements: 5)

    /// For a point of a curve.
    static let quick = Self(interruptions: 600, intervals: 13, refinements: 3)
}
