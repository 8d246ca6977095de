import Goodput

/// When a run saves: one rule, so that rules cannot contradict each other.
///
/// A pure value: whoever asks says which step was made and what the time is. Clocks of ranks differ, so where time
/// decides, one rank asks and tells the others.
public enum SaveSchedule: Hashable, Sendable {
    /// Not even at the end of the run.
    case never

    /// After every n-th step, counted from the last save.
    case steps(Int)

    /// After the first step that ends more than so many seconds after the last save, or after the begin of the run.
    case seconds(Double)

    /// As often as possible while saving takes at most this share of the run's time, from above 0 to 1.
    ///
    /// The first step is followed by a save, which measures how long one takes. From then on the share is kept.
    case fraction(Double)

    /// As often as loses the least where the whole job fails once in so many seconds on average: after Daly's formula (2006),
    /// with the time that saves have taken so far.
    ///
    /// The first step is followed by a save, which measures how long one takes.
    case optimal(mtbf: Double)

    /// Whether time decides, which is not the same on all ranks.
    public var dependsOnTime: Bool {
        switch self {
        case .never, .steps: false
        case .seconds, .fraction, .optimal: true
        }
    }

    /// Whether to save after step `step`, which ended `seconds` after the begin of the run.
    public func isDue(step: Int, seconds: Double, after history: SaveHistory) -> Bool {
        switch self {
        case .never: false
        case .steps(let steps): step - history.lastStep >= steps
        case .seconds(let interval): seconds - history.lastTime > interval
        case .fraction(let share):
            // The next save is taken to last as long as the last one, and its own time counts as time of the run.
            history.spent + history.lastDuration <= share * (seconds + history.lastDuration)
        case .optimal(let mtbf):
            history.meanDuration.map { seconds - history.lastTime >= SaveInterval.daly(save: $0, mtbf: mtbf) } ?? true
        }
    }
}

/// What a schedule has to know of the saves before; times are seconds since the begin of the run.
public struct SaveHistory: Hashable, Sendable {
    /// The step that the last save followed; before the first save, the step that the run began after.
    public private(set) var lastStep: Int

    /// When the last save was over; 0 before the first.
    public private(set) var lastTime = 0.0

    /// How long the last save kept the run from going on.
    public private(set) var lastDuration = 0.0

    /// How long all saves did.
    public private(set) var spent = 0.0

    /// How many there were.
    private var count = 0.0

    /// How long a save does on average; nil before the first.
    public var meanDuration: Double? { count > 0 ? spent / count : nil }

    /// A run that begins after step `step`.
    public init(step: Int = 0) {
        lastStep = step
    }

    /// Adds a save after step `step` that was over at `seconds` and took `duration`.
    public mutating func note(step: Int, at seconds: Double, duration: Double) {
        lastStep = step
        lastTime = seconds
        lastDuration = duration
        spent += duration
        count += 1
    }
}
