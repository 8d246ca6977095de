/// An occasion on which a run saves.
public struct SaveOccasion: Hashable, Sendable {
    enum Kind: Hashable {
        case steps(Int)
        case seconds(Double)
        case share(Double)
        case optimal(mtbf: Double)
        case stop, error, end
    }

    let kind: Kind

    /// After every n-th step.
    public static func every(steps: Int) -> Self { Self(kind: .steps(steps)) }

    /// Once this many seconds have passed since the last save.
    public static func every(seconds: Double) -> Self { Self(kind: .seconds(seconds)) }

    /// As often as takes at most this share of the time: 0.02 is 2 %.
    public static func taking(share: Double) -> Self { Self(kind: .share(share)) }

    /// As often as loses the least time where the whole job fails once in so many seconds on average.
    public static func optimal(mtbf: Double) -> Self { Self(kind: .optimal(mtbf: mtbf)) }

    /// When it is asked to stop: the state after the last step, from which the same program carries on.
    public static let onStop = Self(kind: .stop)

    /// When an error ends it: the state after the last whole step, in a set named …_breakpoint.
    public static let onError = Self(kind: .error)

    /// When it has come to its end.
    public static let atEnd = Self(kind: .end)
}
