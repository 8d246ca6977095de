import Files
import Foundation
import SystemPackage

/// A directory of its own for one test, deleted with this value.
final class TemporaryDirectory {
    let path: FilePath

    init() throws {
        path = FilePath(NSTemporaryDirectory()).appending("lockstep-\(UUID().uuidString)")
        try LocalFileSystem().createDirectory(path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }
}
