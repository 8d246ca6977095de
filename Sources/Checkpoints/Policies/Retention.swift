/// Which sets stay when a new one has been published: those that any of some rules wants, and the newest.
///
/// ```swift
/// let retention: Retention = [.latest(3), .everySteps(1000), .best(1, of: "accuracy", .highest)]
/// ```
///
/// Without rules everything stays. Sets of a run whose loss or weights were NaN or infinite are counted by themselves, so that
/// they never push out one that is good. A pure value: it looks at a list of sets and names those to remove.
public struct Retention: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// A reason to keep sets.
    public enum Rule: Hashable, Sendable {
        /// The sets of the latest steps, so many.
        case latest(Int)

        /// One set in so many minutes: of the sets that are younger than this the oldest, and all older ones
        /// (MindSpore's `keep_checkpoint_per_n_minutes`).
        case onePerMinutes(Int)

        /// The sets whose step is a multiple of this, for ever.
        case everySteps(Int)

        /// The sets with the best values of a metric, so many; sets without the metric are none of them.
        case best(Int, of: String, Order)
    }

    /// Which values of a metric are the best.
    public enum Order: String, Hashable, Sendable {
        /// As for a loss.
        case lowest = "min"

        /// As for an accuracy.
        case highest = "max"
    }

    /// The rules.
    public let rules: [Rule]

    /// Joins rules. Their numbers must be at least 1.
    public init(_ rules: [Rule]) {
        for rule in rules {
            precondition(rule.number >= 1, "\(rule) keeps nothing; its number must be at least 1")
        }
        self.rules = rules
    }

    /// Joins rules.
    public init(arrayLiteral rules: Rule...) { self.init(rules) }

    /// Keeps everything.
    public static let everything = Retention([])

    /// The sets to remove at the time `now`, oldest first.
    public func removable(of sets: [KeptSet], now: Double) -> [KeptSet] {
        let good = superfluous(of: sets.filter(\.isFinite), now: now)
        return good + superfluous(of: sets.filter { !$0.isFinite }, now: now)
    }

    private func superfluous(of sets: [KeptSet], now: Double) -> [KeptSet] {
        guard !rules.isEmpty else { return [] }
        let oldestFirst = sets.sorted { ($0.step, $0.time, $0.name) < ($1.step, $1.time, $1.name) }
        guard let newest = oldestFirst.last else { return [] }
        let kept = rules.reduce(into: [newest.name] as Set) { kept, rule in
            kept.formUnion(rule.wanted(of: oldestFirst, now: now).map(\.name))
        }
        return oldestFirst.filter { !kept.contains($0.name) }
    }

    /// The metrics that rules look at.
    public var metrics: Set<String> {
        Set(rules.compactMap { if case .best(_, let metric, _) = $0 { metric } else { nil } })
    }
}

/// A set as retention sees it.
public struct KeptSet: Hashable, Sendable {
    /// Its name, which no other set has.
    public let name: String

    /// The last step that is in it.
    public let step: Int

    /// When it was saved, in seconds of any clock.
    public let time: Double

    /// What was measured of it.
    public let metrics: [String: Double]

    /// Whether its run still computed with numbers.
    public let isFinite: Bool

    /// Describes a set.
    public init(name: String, step: Int, time: Double, metrics: [String: Double] = [:], isFinite: Bool = true) {
        self.name = name
        self.step = step
        self.time = time
        self.metrics = metrics
        self.isFinite = isFinite
    }
}

extension Retention.Rule {
    fileprivate var number: Int {
        switch self {
        case .latest(let number), .onePerMinutes(let number), .everySteps(let number), .best(let number, _, _): number
        }
    }

    /// The sets that the rule keeps of `sets`, the oldest first.
    fileprivate func wanted(of sets: [KeptSet], now: Double) -> [KeptSet] {
        switch self {
        case .latest(let count): return sets.suffix(count)
        case .everySteps(let steps): return sets.filter { $0.step % steps == 0 }
        case .onePerMinutes(let minutes):
            // The newest does not count among the young: MindSpore looks before it writes.
            let young = sets.dropLast().filter { now - $0.time < 60 * Double(minutes) }
            let superfluous = Set(young.dropFirst().map(\.name))
            return sets.filter { !superfluous.contains($0.name) }
        case .best(let count, let metric, let order):
            let measured = sets.compactMap { set in set.metrics[metric].map { (set, $0) } }
            // Of equal values the older set stays: nothing was gained since.
            let best = measured.filter { !$0.1.isNaN }.enumerated().sorted { a, b in
                let (x, y) = (a.element.1, b.element.1)
                return x == y ? a.offset < b.offset : (order == .lowest ? x < y : x > y)
            }
            return best.prefix(count).map(\.element.0)
        }
    }
}
