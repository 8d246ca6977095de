import Files

/// A place that can have a name on a disk.
struct DiskPlace: Hashable, Sendable {
    let folder: Int
    let name: String
}

/// A change of names that happens whole or not at all: one name is made or removed, or one is moved.
struct NameChange: Sendable {
    struct Assignment: Sendable {
        let place: DiskPlace
        let node: DiskImage.Node?
    }

    /// What was asked for.
    let operation: FileOperation

    let assignments: [Assignment]

    /// The folder that something is moved into from another one: it would be lost with this folder.
    var neededFolder: Int?

    /// The folders that get a name by it, in folders of which something is true.
    func foldersMade(in isWanted: (Int) -> Bool = { _ in true }) -> [Int] {
        assignments.compactMap { assignment in
            guard case .folder(let number) = assignment.node, isWanted(assignment.place.folder) else { return nil }
            return number
        }
    }
}

extension DiskImage {
    /// More changes than these are not kept back: real disks write what they have every few seconds.
    private static let pendingLimit = 4096

    /// Makes a change that everybody sees, and that is not durable yet.
    mutating func make(_ change: NameChange) {
        for assignment in change.assignments { see(assignment) }
        pending.append(change)
        guard pending.count > Self.pendingLimit else { return }
        for change in pending.prefix(Self.pendingLimit / 2) { keep(change) }
        pending.removeFirst(Self.pendingLimit / 2)
    }

    private mutating func see(_ assignment: NameChange.Assignment) {
        let place = assignment.place
        count(folders[place.folder]?.names[place.name], -1)
        folders[place.folder]?.names[place.name] = assignment.node
        count(assignment.node, 1)
    }

    private mutating func count(_ node: Node?, _ difference: Int) {
        if case .file(let number) = node { files[number]?.nameCount += difference }
    }

    mutating func keep(_ change: NameChange) {
        for assignment in change.assignments {
            folders[assignment.place.folder]?.stableNames[assignment.place.name] = assignment.node
        }
    }

    /// Makes all changes of names in a folder durable, with those that they build upon.
    mutating func synchronizeNames(in folder: Int) {
        let wanted = pending.map { $0.assignments.contains { $0.place.folder == folder } }
        guard wanted.contains(true) else { return }
        let kept = closure(of: wanted)
        for (change, isKept) in zip(pending, kept) where isKept { keep(change) }
        pending = zip(pending, kept).filter { !$0.1 }.map(\.0)
    }

    /// Adds the earlier changes without which later ones cannot be: a name has one history, and what is moved into a new
    /// folder is moved after that was made.
    private func closure(of wanted: [Bool]) -> [Bool] {
        var wanted = wanted
        var places: Set<DiskPlace> = []
        // Most places are told from these by their folder alone, which is quicker.
        var folders: Set<Int> = []
        var needed: Set<Int> = []
        for (index, change) in pending.enumerated().reversed() {
            let makesNeeded = change.foldersMade().contains { needed.contains($0) }
            let isBelow = change.assignments.contains { folders.contains($0.place.folder) && places.contains($0.place) }
            wanted[index] = wanted[index] || makesNeeded || isBelow
            guard wanted[index] else { continue }
            places.formUnion(change.assignments.map(\.place))
            folders.formUnion(change.assignments.map(\.place.folder))
            if let folder = change.neededFolder { needed.insert(folder) }
            // The folder that is needed lies in one that is needed, too.
            if makesNeeded { needed.formUnion(change.assignments.map(\.place.folder)) }
        }
        return wanted
    }
}
