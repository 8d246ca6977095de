import Files
public import FoundationEssentials

/// A set as the others of its directory see it: what decides which is the newest, which stay, and whose files are whose.
public struct SetEntry: Sendable {
    /// The name of the set.
    public let name: String

    /// What tells it from others of its name.
    public let id: String

    /// Where it stands in its run; nil for sets of versions that did not say.
    public let lineage: Lineage?

    /// When it was saved, by a clock that may have been wrong.
    public let created: Date

    /// The last step that is in it.
    public let step: Int

    /// What was measured of it.
    public let metrics: [String: Double]

    /// Whether its run still computed with finite numbers.
    public let isFinite: Bool

    /// Whether the key proves it, or there is none. What is not believed is not removed either: its manifest says what would
    /// be deleted.
    public let isBelieved: Bool

    /// Its files, below the directory.
    let paths: [String]

    /// What a manifest says; unless it `isBelieved`, without anything that would rank it above other sets.
    public init(_ manifest: Manifest, isBelieved: Bool = true) {
        name = manifest.name
        id = manifest.id
        self.isBelieved = isBelieved
        lineage = isBelieved ? manifest.lineage : nil
        created = manifest.created
        step = manifest.checkpoint.progress.step
        metrics = isBelieved ? manifest.checkpoint.metrics ?? [:] : [:]
        isFinite = manifest.checkpoint.isFinite
        paths = manifest.files.map(\.path)
    }
}

extension Sequence<SetEntry> {
    /// The lineage of the newest set of a run; nil if it has none here.
    public func newest(ofRun run: String) -> Lineage? {
        compactMap(\.lineage).filter { $0.run == run }.max { $0.generation < $1.generation }
    }
}

extension KeptSet {
    /// A set as retention sees it, where `newest` is the newest of its run. A set without lineage counts as older than all
    /// that have one.
    public init(_ set: SetEntry, onBranchOf newest: Lineage?) {
        let newest = Mutant.branchForgotten.isPlanted ? nil : newest
        let isOnBranch = set.lineage.map { newest?.follows($0) ?? true } ?? (newest == nil)
        self.init(
            name: set.name, step: set.step, time: set.created.timeIntervalSince1970, metrics: set.metrics,
            isFinite: set.isFinite, generation: set.lineage?.generation ?? 0, isOnBranch: isOnBranch)
    }
}
