public import Files

/// Where a set stands among the others of its run.
///
/// Neither the clock nor the step tells which of two sets is the newer one: clocks are set back, and a run that goes back
/// to an older set makes steps again. The generation only grows.
public struct Lineage: Codable, Equatable, Sendable {
    /// The id of the run, which was made when it began and stays the same however often it is carried on.
    public let run: String

    /// The id of the set that this one follows; nil for the first set of a run that began anew.
    public let parent: String?

    /// Larger than that of every set which was in the directory before, and than that of the set it follows; from 1.
    public let generation: Int

    /// The generations of the run that this set does not follow, because the run went back behind them; ascending.
    public let abandoned: [ClosedRange<Int>]

    /// Describes a place in a run.
    public init(run: String, parent: String?, generation: Int, abandoned: [ClosedRange<Int>] = []) {
        self.run = run
        self.parent = parent
        self.generation = generation
        self.abandoned = abandoned
    }

    /// Whether a set with `other` lies on the branch that leads to this one.
    public func follows(_ other: Lineage) -> Bool {
        other.run == run && other.generation <= generation && abandoned(other.generation) == nil
    }

    /// The range of generations that were abandoned together with this one; nil if it was not abandoned. There may be a million
    /// ranges.
    package func abandoned(_ generation: Int) -> ClosedRange<Int>? {
        let place = abandoned.place { $0.upperBound >= generation }
        return place < abandoned.count && abandoned[place].contains(generation) ? abandoned[place] : nil
    }

    /// The largest generation there can be: what JSON's readers still tell from its neighbours.
    static let generationLimit = 1 << 53
}

/// The end of a branch of a run: what its next set follows.
public struct RunBranch: Equatable, Sendable {
    /// The id of the run.
    public let run: String

    /// The id of the set that the next one follows; nil before the first.
    public private(set) var parent: String?

    /// The generation of the set that the next one follows; 0 before the first.
    public private(set) var generation = 0

    private var abandoned: [ClosedRange<Int>] = []

    /// A run that begins anew, with an id that no other run has.
    ///
    /// What rank 0 says of a run counts; after its first set all ranks have the same id.
    public init(in surroundings: any Surroundings = .system) {
        run = surroundings.unguessableName()
    }

    /// A run that carries on from a set; if the set has no lineage, its run is given one here.
    public init(after set: Manifest, in surroundings: any Surroundings = .system) {
        run = set.lineage?.run ?? RunBranch(in: surroundings).run
        generation = set.lineage?.generation ?? 0
        abandoned = set.lineage?.abandoned ?? []
        parent = set.id
    }

    /// The lineage of the next set, in a directory that holds `sets`.
    func next(amid sets: [SetEntry]) -> Lineage {
        let highest = sets.compactMap(\.lineage?.generation).max() ?? 0
        let highestOfRun = sets.filter { $0.lineage?.run == run }.compactMap(\.lineage?.generation).max() ?? 0
        // A planted set may leave no number above its own; then steps tell which set is newer.
        let next = min(max(highest, generation) + 1, Lineage.generationLimit - 1)
        return Lineage(
            run: run, parent: parent, generation: next, abandoned: passed(min(highestOfRun, next - 1)))
    }

    /// The generations that the next set does not follow, where `highest` is the highest of the run: if that is not the one the
    /// run carried on from, all above that one are abandoned.
    private func passed(_ highest: Int) -> [ClosedRange<Int>] {
        guard highest > generation else { return abandoned }
        // Ranges further up lie within the new one.
        return abandoned.filter { $0.upperBound <= generation } + [generation + 1...highest]
    }
}
