import Checkpoints
import CheckpointsTestKit
import Collectives
import Files
import Synchronization
import SystemPackage
import Testing

/// A save among many sets reads what changed, and no more.
struct SetCatalogTests {
    private let disk = MemoryFileSystem()

    @Test func aSaveDoesNotReadTheManifestsOfAllOtherSets() throws {
        let counting = CountingFileSystem(disk)
        let directory = CheckpointDirectory(output, fileSystem: counting)
        var branch = RunBranch()
        var opened: [Int] = []
        for step in 1...40 {
            let before = counting.opened
            let publisher = CheckpointPublisher(directory, world: SoloCommunicator(), branch: branch)
            let name = "net-1_\(step)"
            branch = RunBranch(
                after: try publisher.publish(set(name, step: step), files: [file(name, step: step, rank: 0)]).manifest)
            try directory.remove(publish("other-1_\(step)", step: step, on: disk).manifest)
            opened.append(counting.opened - before)
        }
        #expect(Set(opened.dropFirst()).count == 1 && opened[39] < 8, "\(opened)")
    }

    @Test func whatChangedIsSeen() throws {
        let directory = CheckpointDirectory(output, fileSystem: disk)
        try publish("a", step: 1, on: disk)
        try publish("b", step: 2, on: disk)
        #expect(try directory.entries().entries.map(\.step) == [1, 2])
        try publish("a", step: 3, on: disk)
        try directory.remove(#require(try directory.manifest(named: "b")))
        try disk.replaceContents(of: output.appending("c.manifest.json"), with: [0x7B])
        let contents = try directory.entries()
        #expect(contents.entries.map(\.step) == [3] && contents.unreadable.count == 1)
    }
}

/// Counts the files that are opened.
private final class CountingFileSystem: ForwardingFileSystem {
    let base: any FileSystem
    private let count = Mutex(0)

    init(_ base: any FileSystem) { self.base = base }

    var opened: Int { count.withLock { $0 } }

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        if operation == .open { count.withLock { $0 += 1 } }
        return try body()
    }
}
