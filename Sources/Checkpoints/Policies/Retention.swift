import Files
import Tensors

/// Which sets stay when a new one has been published: those that any rule wants, and the newest.
///
/// ```swift
/// let retention: Retention = [.latest(3), .everySteps(1000), .best(1, of: "accuracy", .highest)]
/// ```
///
/// Without rules everything stays. Sets whose loss or weights were NaN or infinite are counted separately, so that they never
/// push out a good one. A pure value: it looks at a list of sets and names those to remove.
public struct Retention: Hashable, Sendable, ExpressibleByArrayLiteral {
    // Sets that the run has abandoned by going back count as older than all others, whatever their steps: they make room first. A
    // rule keeps what it wants of all sets, and what it wants of those that the newest one follows: the best set of an abandoned
    // branch may be better than anything on the new one, or be the reason why it was abandoned.

    /// A reason to keep sets.
    public enum Rule: Hashable, Sendable {
        /// This many of the newest sets.
        case latest(Int)

        /// One set in so many minutes: of the sets that are younger than this the oldest, and all older ones
        /// (MindSpore's `keep_checkpoint_per_n_minutes`).
        case onePerMinutes(Int)

        /// The sets whose step is a multiple of this, for ever.
        case everySteps(Int)

        /// This many sets with the best values of a metric; sets without the metric do not count.
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

    /// Keeps the latest `count` sets.
    public static func latest(_ count: Int) -> Retention { [.latest(count)] }

    /// Keeps every set whose step is a multiple of `steps`.
    public static func every(steps: Int) -> Retention { [.everySteps(steps)] }

    /// Keeps the set with the best value of a metric.
    public static func best(_ metric: String, _ order: Order) -> Retention { [.best(1, of: metric, order)] }

    /// The sets to remove at the time `now`, oldest first.
    public func removable(of sets: [KeptSet], now: Double) -> [KeptSet] {
        let good = superfluous(of: sets.filter(\.isFinite), now: now)
        return good + superfluous(of: sets.filter { !$0.isFinite }, now: now)
    }

    private func superfluous(of sets: [KeptSet], now: Double) -> [KeptSet] {
        guard !rules.isEmpty else { return [] }
        let oldestFirst = Self.oldestFirst(sets)
        guard let newest = oldestFirst.last else { return [] }
        let branch = oldestFirst.filter(\.isOnBranch)
        let always: Set<ByteName> = Mutant.newestNotKept.isPlanted ? [] : [ByteName(newest.name)]
        let kept = rules.reduce(into: always) { kept, rule in
            for sets in [oldestFirst, branch] {
                kept.formUnion(rule.wanted(of: sets, now: now).map { ByteName($0.name) })
            }
        }
        let removable = oldestFirst.map(\.name).filter { !kept.contains($0) }
        let byName = Dictionary(sets.map { (ByteName($0.name), $0) }) { first, _ in first }
        return removable.compactMap { byName[$0] }
    }

    /// The sets in the order in which they make room. None counts as saved later than its successor: a clock may have been wrong.
    private static func oldestFirst(_ sets: [KeptSet]) -> [KeptSet] {
        if Mutant.retentionByStep.isPlanted { return sets.sorted { $0.step < $1.step } }
        let inOrder = sets.sorted { a, b in
            (a.generation, a.step, a.time, a.name) < (b.generation, b.step, b.time, b.name)
        }
        var latest = Double.infinity
        let dated = inOrder.reversed().map { set in
            latest = min(latest, set.time)
            return set.saved(at: latest)
        }
        let oldestFirst = Array(dated.reversed())
        return oldestFirst.filter { !$0.isOnBranch } + oldestFirst.filter(\.isOnBranch)
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

    /// Tells which of two sets is the newer one, and outweighs their steps; 0 if it is not known.
    public let generation: Int

    /// Whether the newest set of the run follows it: the run has not abandoned it by going back.
    public let isOnBranch: Bool

    /// Whether its run still computed with finite numbers.
    public let isFinite: Bool

    /// Describes a set.
    public init(
        name: String, step: Int, time: Double, metrics: [String: Double] = [:], isFinite: Bool = true,
        generation: Int = 0, isOnBranch: Bool = true
    ) {
        self.name = name
        self.step = step
        self.time = time
        self.metrics = metrics
        self.isFinite = isFinite
        self.generation = generation
        self.isOnBranch = isOnBranch
    }

    fileprivate func saved(at time: Double) -> KeptSet {
        KeptSet(
            name: name, step: step, time: time, metrics: metrics, isFinite: isFinite, generation: generation,
            isOnBranch: isOnBranch)
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
            let superfluous = Set(young.dropFirst().map { ByteName($0.name) })
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
