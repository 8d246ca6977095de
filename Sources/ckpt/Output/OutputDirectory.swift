import Files
import Foundation
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
        do {
            for (index, path) in paths.enumerated() {
                let target = pending.appending(path.components)
                let folder = target.removingLastComponent()
                try files.createDirectory(folder)
                try files.writeDurably(to: target) { try body(index, $0) }
                try files.synchronizeDirectory(folder)
            }
            try files.synchronizeDirectory(pending)
            try check()
            try files.rename(pending, to: path)
        } catch {
            try? FileManager.default.removeItem(atPath: pending.string)
            throw error
        }
        try files.synchronizeDirectory(path.removingLastComponent())
    }
}
