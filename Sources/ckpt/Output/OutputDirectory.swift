import Files
import SystemPackage

/// A directory of files that comes into being whole or not at all.
struct OutputDirectory {
    private let path: FilePath
    private let files = LocalFileSystem()

    init(_ path: FilePath) {
        self.path = path
    }

    /// Throws if something is there already.
    func check() throws {
        guard try files.status(of: path) == nil else { throw Refusal("\(path) exists; name a directory that does not") }
    }

    /// Writes files, each at a path of one folder and one name. If `body` throws for one of them, nothing has changed.
    func write(_ paths: [FilePath], _ body: (_ index: Int, any WritableFile) throws -> Void) throws {
        try check()
        let pending = try path.pending
        // Made new, and nothing in it is reached through a link.
        try files.createNewDirectory(pending)
        let inside = files.within(pending)
        do {
            for (index, path) in paths.enumerated() {
                let target = pending.appending(path.components)
                let folder = target.removingLastComponent()
                try inside.createDirectory(folder)
                try inside.writeDurably(to: target) { try body(index, $0) }
                try files.synchronizeDirectory(folder)
            }
            try files.synchronizeDirectory(pending)
            try check()
            try files.rename(pending, to: path)
        } catch {
            remove(paths, from: pending)
            throw error
        }
        try files.synchronizeDirectory(path.removingLastComponent())
    }

    private func remove(_ paths: [FilePath], from pending: FilePath) {
        let inside = LocalFileSystem().within(pending)
        for path in paths { try? inside.remove(pending.appending(path.components)) }
        let folders = Set(paths.map { $0.removingLastComponent() }.filter { !$0.isEmpty })
        for folder in folders { try? files.removeDirectory(pending.appending(folder.components)) }
        try? files.removeDirectory(pending)
    }
}
