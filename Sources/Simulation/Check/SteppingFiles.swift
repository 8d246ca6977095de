import Files
import SurroundingsTestKit
import SystemPackage

/// Files whose operations take time, in which others go on.
final class SteppingFiles: ForwardingFileSystem, @unchecked Sendable {
    // Unchecked: used by the thread whose turn it is alone.
    let base: any FileSystem
    private let scheduler: Scheduler
    private let time: Duration
    private let note: (FileOperation, FilePath) -> Bool

    /// `note` is told of each operation, and says whether others go on in it.
    init(
        _ base: any FileSystem, _ scheduler: Scheduler, time: Duration,
        note: @escaping (FileOperation, FilePath) -> Bool
    ) {
        self.base = base
        self.scheduler = scheduler
        self.time = time
        self.note = note
    }

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        step(operation, path)
        return try body()
    }

    func write(_ bytes: RawSpan, to file: any WritableFile, _ path: FilePath) throws(FileError) {
        step(.write, path)
        try file.write(bytes)
    }

    private func step(_ operation: FileOperation, _ path: FilePath) {
        let isAside = note(operation, path)
        scheduler.spend(time)
        if isAside { scheduler.stepAside() }
    }
}
