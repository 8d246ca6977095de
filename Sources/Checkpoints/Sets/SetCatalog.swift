import Files
import Synchronization
import SystemPackage
import Tensors

/// What is remembered of the sets in a directory, so that a save among hundreds reads only the manifests that changed.
///
/// Whoever shares one may also change the directory by other means: a file whose size or modification time has changed is read
/// again.
public final class SetCatalog: Sendable {
    /// The sets of a directory.
    public struct Contents: Sendable {
        /// All that can be read.
        public fileprivate(set) var entries: [SetEntry] = []

        /// What is wrong with the others.
        public fileprivate(set) var unreadable: [UnreadableManifest] = []
    }

    private enum Known: Sendable {
        case set(SetEntry)
        case unreadable(UnreadableManifest)
        /// A link to, or a copy of, a set's own manifest.
        case alias
    }

    private struct State {
        private(set) var known: [ByteName: (status: FileStatus, set: Known)] = [:]

        // What is known, the names of files sorted but for those that came after the last look.
        private var order: [String] = []

        /// Whether all that was there at a look is known, with what was noted since.
        var isComplete = false

        mutating func note(_ set: Known, in fileName: String, _ status: FileStatus) {
            if known.updateValue((status, set), forKey: ByteName(fileName)) == nil { order.append(fileName) }
        }

        mutating func forget(_ fileName: String) {
            guard known.removeValue(forKey: ByteName(fileName)) != nil else { return }
            order.removeAll { ByteName($0) == ByteName(fileName) }
        }

        var contents: Contents {
            var contents = Contents()
            for fileName in order {
                switch known[fileName]?.set {
                case .set(let entry): contents.entries.append(entry)
                case .unreadable(let manifest): contents.unreadable.append(manifest)
                case .alias, nil: break
                }
            }
            return contents
        }
    }

    private let state = Mutex(State())

    /// A catalog that knows nothing yet.
    public init() {}

    /// Remembers what was read or published anyway.
    func note(_ entry: SetEntry, in fileName: String, _ status: FileStatus) {
        state.withLock { $0.note(.set(entry), in: fileName, status) }
    }

    /// Remembers that a set is gone.
    func forget(_ name: String) {
        state.withLock { $0.forget(SetNames.manifest(of: name)) }
    }

    /// What was in a directory at the last look, for whoever has kept all others from changing it since.
    func lastContents(of directory: CheckpointDirectory) throws(CheckpointSetError) -> Contents {
        if let contents = state.withLock({ $0.isComplete ? $0.contents : nil }) { return contents }
        return try contents(of: directory)
    }

    /// What is in a directory now.
    func contents(of directory: CheckpointDirectory) throws(CheckpointSetError) -> Contents {
        let old = state.withLock { $0.known }
        var new = State()
        new.isComplete = true
        for fileName in try directory.names(in: directory.path) {
            guard let name = SetNames.setName(ofManifest: fileName) else { continue }
            let path = directory.path.appending(fileName)
            do {
                // One that is gone by now was removed in between.
                guard let status = try directory.status(of: path) else { continue }
                let remembered = old[fileName].flatMap { $0.status == status ? $0.set : nil }
                guard let set = remembered ?? Self.read(path, name, in: directory) else { continue }
                new.note(set, in: fileName, status)
            } catch {
                // It may be a link, perhaps to itself.
                let isLink = (try? directory.isLinkToManifest(path)) ?? false
                let unreadable = Known.unreadable(UnreadableManifest(error: error, id: nil))
                new.note(isLink ? .alias : unreadable, in: fileName, Self.noStatus)
            }
        }
        let state = new
        self.state.withLock { $0 = state }
        return state.contents
    }

    /// A status that nothing has: a file noted with it is looked at again.
    private static let noStatus = FileStatus(kind: .other, byteCount: -1, modificationTime: .nan)

    private static func read(_ path: FilePath, _ name: String, in directory: CheckpointDirectory) -> Known? {
        do throws(CheckpointSetError) {
            guard try !directory.isLinkToManifest(path) else { return .alias }
            guard let (manifest, bytes, _) = try directory.readManifestFile(path) else { return nil }
            // What such a file says of other files is true of the set that it names, which has its own manifest.
            guard ByteName(manifest.name) == ByteName(name) else { return .alias }
            return .set(SetEntry(manifest, isBelieved: directory.believes(manifest, in: bytes)))
        } catch {
            let id = if case .manifest = error { directory.claimedID(in: path) } else { String?.none }
            return .unreadable(UnreadableManifest(error: error, id: id))
        }
    }
}

extension CheckpointDirectory {
    /// The sets that are here now, as far as others need to know them: much faster than `list(where:)` if it is asked
    /// again and again of one value, or of several that share a catalog.
    public func entries() throws(CheckpointSetError) -> SetCatalog.Contents { try catalog.contents(of: self) }

    /// The same as of the last look, with what was published and removed since through the same catalog: for whoever saves here
    /// and has looked when the save began.
    public func lastEntries() throws(CheckpointSetError) -> SetCatalog.Contents { try catalog.lastContents(of: self) }

    /// Remembers a set that was published just now. Where it cannot be looked at, it is read when it is needed.
    func noteSet(_ manifest: Manifest) {
        let fileName = SetNames.manifest(of: manifest.name)
        guard let status = try? status(of: path.appending(fileName)) else { return }
        catalog.note(SetEntry(manifest), in: fileName, status)
    }

    /// What stands at a path.
    func status(of path: FilePath) throws(CheckpointSetError) -> FileStatus? {
        do {
            return try fileSystem.status(of: path)
        } catch {
            throw .file(error)
        }
    }
}
