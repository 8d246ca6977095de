import Checkpoints
import Files
import Foundation
import Layouts
import SystemPackage

/// The files of `Vectors/parallel` and `Vectors/redundancy`, by real MindSpore.
enum VectorFiles {
    private static let directory = FilePath(Vector.directory.path(percentEncoded: false))

    static func open(_ path: String) throws -> any ReadableFile {
        try LocalFileSystem().open(directory.appending(FilePath(path).components))
    }

    static func reader(_ path: String) throws -> any CheckpointReader {
        try CheckpointFormats.open(open(path))
    }

    static func strategy(_ name: String) throws -> StrategyFile {
        try StrategyFile(contentsOf: open("parallel/strategy/\(name)"))
    }

    static func bytes(of path: String) throws -> [UInt8] {
        let file = try open(path)
        var bytes = [UInt8](repeating: 0, count: file.byteCount)
        var span = bytes.mutableSpan
        try file.read(into: &span, at: 0)
        return bytes
    }
}
