import Files
import Foundation
public import SystemPackage

/// A run's hold on its directory, so that a second one does not save in its place.
///
/// Rank 0 holds it for all ranks, in the file `run.lock`. It ends with this object, or with the process.
public final class RunLock: Sendable {
    /// How long a run waits for one that is about to leave: ranks whose launcher was killed save before they do.
    public static let patience: Duration = .seconds(30)

    private let lock: FileLock

    /// Makes the directory if it is not there and takes hold of it, after waiting for `patience` at most; `waiting` is
    /// told once who has it.
    ///
    /// - Throws: ``RunLockError`` if another run does not leave it, or `FileError`.
    public init(_ directory: FilePath, patience: Duration = patience, waiting: (String) -> Void = { _ in }) throws {
        let files = LocalFileSystem()
        try files.createDirectory(directory)
        let path = directory.appending("run.lock")
        let start = ContinuousClock.now
        var isTold = false
        while true {
            if let lock = try FileLock(path) {
                // A full disk is found when something is saved.
                try? lock.note("process \(ThisProcess.identifier) on \(ThisProcess.host)")
                self.lock = lock
                return
            }
            let text = String(decoding: try files.contents(of: path, limit: 1 << 12), as: UTF8.self)
            let holder = text.trimmingCharacters(in: .newlines)
            if start.duration(to: .now) >= patience { throw RunLockError(directory: directory, holder: holder) }
            if !isTold { waiting(holder) }
            isTold = true
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}

/// A directory in which another run goes on.
public struct RunLockError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The directory.
    public let directory: FilePath

    /// Who holds it: "process 4711 on host".
    public let holder: String

    /// One sentence.
    public var description: String {
        "another run goes on in \(directory) (\(holder)): wait for its end, stop it by launch/stop \(directory), or give "
            + "another directory"
    }
}
