import Files
import Foundation
import SystemPackage
import Testing

@testable import Stopping

/// The file that asks for a stop is seen to ask for it, however it was changed.
struct ExitConfigFileTests {
    private let folder: URL
    private let watch: ExitConfigFile
    private var url: URL { folder.appending(path: "exit.json") }

    private static let waiting = "{\"GracefulExit\": 0}"
    private static let asking = "{\"GracefulExit\": 1}"

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "exit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = FilePath(folder.path(percentEncoded: false)).appending("exit.json")
        watch = ExitConfigFile(path, files: LocalFileSystem(), in: .system)
        try write(Self.waiting, to: url)
        watch.look()
        try #require(watch.poll() == nil)
    }

    /// Its size is the same.
    @Test func fileThatIsWrittenInPlaceWithinATickOfTheClockIsSeen() throws {
        try overwrite()
        expectSeen()
    }

    @Test func fileThatGetsItsOldTimesBackIsSeen() throws {
        let times = try FileManager.default.attributesOfItem(atPath: url.path(percentEncoded: false))
        try overwrite()
        try FileManager.default.setAttributes(
            [.modificationDate: try #require(times[.modificationDate])], ofItemAtPath: url.path(percentEncoded: false))
        expectSeen()
    }

    @Test func fileThatIsReplacedByOneOfTheSameTimeIsSeen() throws {
        let other = folder.appending(path: "other.json")
        try write(Self.asking, to: other)
        let times = try FileManager.default.attributesOfItem(atPath: url.path(percentEncoded: false))
        try FileManager.default.setAttributes(
            [.modificationDate: try #require(times[.modificationDate])], ofItemAtPath: other.path(percentEncoded: false)
        )
        try LocalFileSystem().rename(
            FilePath(other.path(percentEncoded: false)), to: FilePath(url.path(percentEncoded: false)))
        expectSeen()
    }

    @Test func linkThatIsTurnedToAnotherFileIsSeen() throws {
        let (first, second) = (folder.appending(path: "a"), folder.appending(path: "b"))
        try write(Self.waiting, to: first)
        try write(Self.asking, to: second)
        try FileManager.default.removeItem(at: url)
        try FileManager.default.createSymbolicLink(at: url, withDestinationURL: first)
        watch.look()
        #expect(watch.poll() == nil)
        try FileManager.default.removeItem(at: url)
        try FileManager.default.createSymbolicLink(at: url, withDestinationURL: second)
        expectSeen()
    }

    @Test func fileThatIsNoObjectAtFirstIsSeenOnceItIsOne() throws {
        try write("{\"Grace", to: url)
        watch.look()
        try write(Self.asking, to: url)
        expectSeen()
    }

    private func expectSeen() {
        watch.look()
        #expect(watch.poll() == .configFile)
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ text: String, to url: URL) throws { try Data(text.utf8).write(to: url) }

    private func overwrite() throws {
        let file = try FileHandle(forUpdating: url)
        try file.write(contentsOf: Data(Self.asking.utf8))
        try file.close()
    }
}
