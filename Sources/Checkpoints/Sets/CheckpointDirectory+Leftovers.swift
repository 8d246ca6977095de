import Files
import SystemPackage
import Tensors

/// A file that an interrupted save or removal has left.
public struct Leftover: Codable, Equatable, Sendable {
    /// What it was to become.
    public enum Kind: String, Codable, Sendable {
        /// A file of a set that was not published.
        case pending
        /// What is left of a set that was being removed.
        case removal
        /// A file whose contents do not matter.
        case passing
    }

    /// The path below the directory of the sets.
    public let path: String

    /// What it was to become.
    public let kind: Kind

    /// Its size in bytes.
    public let byteCount: Int
}

extension CheckpointDirectory {
    /// What interrupted saves and removals have left here, of any rank; while a run saves, this includes what it writes.
    public func leftovers() throws(CheckpointSetError) -> [Leftover] {
        try leftovers(beside: entries())
    }

    /// Deletes what interrupted saves and removals have left, and gives files of published sets their final names. With a
    /// key, sets and removals that it does not prove are left as they are.
    ///
    /// Call it only while a lock keeps all others from saving here, and before saving: what somebody is writing would go too.
    /// Returns what went wrong, a sentence each, and one about manifests that cannot be read; a reader needs none of this.
    @discardableResult
    public func removeLeftovers() -> [String] {
        do {
            let sets = try entries()
            if let failure = sets.failure { throw failure }
            let leftovers = try leftovers(beside: sets, completingNames: true)
            var problems = leftovers.filter { $0.kind != .removal }.compactMap(remove)
            let tombstones = leftovers.filter { $0.kind == .removal }.map { path.appending($0.path) }
            let (doubts, failures) = try finishRemovals(tombstones, beside: sets)
            problems += (doubts + failures).map(Self.staying)
            return (sets.passedOver.map { [$0] } ?? []) + problems.abridged()
        } catch {
            return ["what interrupted saves have left stays: \(error)"]
        }
    }

    private func remove(_ leftover: Leftover) -> String? {
        do {
            try fileSystem.remove(path.appending(leftover.path))
            return nil
        } catch {
            return Self.staying(error)
        }
    }

    private static func staying(_ error: Any) -> String { "what an interrupted save has left stays: \(error)" }

    private func leftovers(
        beside sets: SetCatalog.Contents, completingNames: Bool = false
    ) throws(CheckpointSetError) -> [Leftover] {
        let names = Dictionary(sets.entries.map { ($0.id, $0.name) }) { first, _ in first }
        let claimed = Set(sets.unreadable.compactMap(\.id))
        let hasManifestsForOthers = sets.unreadable.contains(where: \.isForOthers)
        var found: [Leftover] = []
        var unnamed: Set<ByteName> = []
        for folder in try folders(of: sets.entries) {
            for fileName in try self.names(inAny: folder) {
                guard let kind = Self.kind(of: fileName, in: folder) else { continue }
                let id = kind == .pending ? SetNames.id(inPending: fileName) : nil
                if let name = id.flatMap({ names[$0] }), !Mutant.pendingOfPublishedRemoved.isPlanted {
                    unnamed.add(name)
                    continue
                }
                if let id, claimed.contains(id) { continue }
                let file = folder.isEmpty ? fileName : "\(folder)/\(fileName)"
                guard let status = try? status(of: path.appending(file)), status.kind == .file else { continue }
                // It may be one of a set whose manifest only its owner can read.
                if kind == .pending, hasManifestsForOthers, status.owner != FileStatus.user { continue }
                found.append(Leftover(path: file, kind: kind, byteCount: status.byteCount))
            }
        }
        if completingNames {
            for name in unnamed.sorted() {
                if let (manifest, isBelieved) = try readManifest(named: name.text), isBelieved {
                    try completeRenames(manifest)
                }
            }
        }
        return found
    }

    private static func kind(of fileName: String, in folder: String) -> Leftover.Kind? {
        // Most names are those of sets.
        guard fileName.hasPrefix(".") || fileName.hasSuffix(".tmp") else { return nil }
        if SetNames.id(inPending: fileName) != nil { return .pending }
        if folder.isEmpty, SetNames.isTombstone(fileName) { return .removal }
        return SetNames.isPassing(fileName) ? .passing : nil
    }

    /// The folders in which files of sets can lie, "" for the directory itself. Others may be directories of other runs.
    private func folders(of sets: [SetEntry]) throws(CheckpointSetError) -> [String] {
        var folders: Set<ByteName> = [ByteName("")]
        for file in sets.flatMap(\.paths) {
            if let slash = file.lastIndex(of: "/") { folders.add(String(file[..<slash])) }
        }
        folders.formUnion(try names(in: path).filter(SetNames.isRankFolder).map(ByteName.init))
        for folder in SetNames.folders {
            let below = try names(inAny: folder).filter(SetNames.isRankFolder)
            folders.formUnion(([folder] + below.map { "\(folder)/\($0)" }).map(ByteName.init))
        }
        return folders.sorted().map(\.text)
    }

    /// The names in a folder; none where there is none.
    private func names(inAny folder: String) throws(CheckpointSetError) -> [String] {
        do {
            return try names(in: folder.isEmpty ? path : path.appending(folder))
        } catch {
            guard case .file(let problem) = error, problem.errno == .notDirectory else { throw error }
            return []
        }
    }
}
