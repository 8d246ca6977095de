import Files
import Foundation
import SystemPackage
import Testing

struct LocalFileSystemTests {
    let files = LocalFileSystem()
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func path(_ name: String) -> FilePath { directory.path.appending(name) }

    @Test func whatWasWrittenIsReadBackFromAnyPlace() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let file = try files.create(path("a"))
        try file.write(bytes.span.extracting(0..<10))
        try file.write(bytes.span.extracting(10..<100_000))
        try file.synchronize()
        try file.close()

        let reader = try files.open(path("a"))
        #expect(reader.byteCount == 100_000)
        var part = [UInt8](repeating: 0, count: 1000)
        var span = part.mutableSpan
        try reader.read(into: &span, at: 5000)
        #expect(part == Array(bytes[5000..<6000]))
    }

    @Test func aLinkSaysWhereItLeads() throws {
        try files.replaceContents(of: path("a"), with: [1])
        for (name, target) in [("near", "a"), ("far", "/no/such file é"), ("gone", "../nothing")] {
            try FileManager.default.createSymbolicLink(atPath: path(name).string, withDestinationPath: target)
            #expect(try files.destination(ofLink: path(name)) == FilePath(target))
        }
        #expect(try files.destination(ofLink: path("a")) == nil)
        #expect(try files.destination(ofLink: path("nothing")) == nil)
    }

    @Test func readingBeyondTheEndSaysWhereTheFileEnds() throws {
        try files.replaceContents(of: path("a"), with: [1, 2, 3])
        let reader = try files.open(path("a"))
        var part = [UInt8](repeating: 0, count: 2)
        let error = #expect(throws: FileError.self) {
            var span = part.mutableSpan
            try reader.read(into: &span, at: 2)
        }
        #expect(error?.reason == "it ends at byte 3, within bytes 2..<4")
    }

    @Test func creatingLeavesAnOpenReaderItsOldBytes() throws {
        try files.replaceContents(of: path("a"), with: [1, 2, 3])
        let old = try files.open(path("a"))
        try files.create(path("a")).close()
        var bytes: [UInt8] = [0, 0, 0]
        var span = bytes.mutableSpan
        try old.read(into: &span, at: 0)
        #expect(bytes == [1, 2, 3])
        #expect(try files.status(of: path("a"))?.byteCount == 0)
    }

    @Test func creatingNeverWritesThroughALinkNorDeletesADevice() throws {
        try files.replaceContents(of: path("target"), with: [9])
        try FileManager.default.createSymbolicLink(
            atPath: path("link").string, withDestinationPath: path("target").string)
        try files.create(path("link")).close()
        #expect(try files.contents(of: path("target"), limit: 10) == [9])
        #expect(throws: FileError.self) { try files.create("/dev/null") }
        #expect(try files.status(of: "/dev/null")?.kind == .other)
    }

    @Test func onlyRegularFilesAreOpened() {
        let error = #expect(throws: FileError.self) { try files.open(directory.path) }
        #expect(error?.description == "cannot open \(directory.path): it is not a regular file")
        let missing = #expect(throws: FileError.self) { try files.open(path("missing")) }
        #expect(missing?.errno == .noSuchFileOrDirectory)
    }

    @Test func aFullDeviceIsNamedInTheError() throws {
        // /dev/full takes no byte. It is reached without create, which refuses devices.
        let full = LocalWritableFile(try unsafe FileDescriptor.open("/dev/full", .writeOnly), named: "/dev/full")
        let error = #expect(throws: FileError.self) { try full.write([1 as UInt8].span) }
        #expect(error?.description == "cannot write /dev/full: No space left on device")
    }

    @Test func directoriesAreMadeWithThoseAboveThem() throws {
        let deep = path("x").appending("y").appending("z")
        try files.createDirectory(deep)
        try files.createDirectory(deep)
        #expect(try files.status(of: deep)?.kind == .directory)
        try files.replaceContents(of: path("file"), with: [])
        #expect(throws: FileError.self) { try files.createDirectory(path("file")) }
        #expect(throws: FileError.self) { try files.createDirectory(path("file").appending("below")) }
    }

    @Test func namesAreSortedWithoutDots() throws {
        for name in ["b", "a", "ü", "c.tmp"] { try files.replaceContents(of: path(name), with: []) }
        #expect(try files.names(in: directory.path) == ["a", "b", "c.tmp", "ü"])
        #expect(throws: FileError.self) { try files.names(in: path("missing")) }
    }

    @Test func removingWhatIsNotThereIsNoError() throws {
        try files.remove(path("missing"))
        try files.replaceContents(of: path("a"), with: [1])
        try files.remove(path("a"))
        #expect(try files.status(of: path("a")) == nil)
        #expect(throws: FileError.self) { try files.remove(directory.path) }
    }

    @Test func renamingReplacesAndPermissionsAreSet() throws {
        try files.replaceContents(of: path("a"), with: [1], permissions: 0o400)
        try files.replaceContents(of: path("b"), with: [2])
        try files.rename(path("a"), to: path("b"))
        try files.synchronizeDirectory(directory.path)
        #expect(try files.contents(of: path("b"), limit: 1) == [1])
        #expect(try files.names(in: directory.path) == ["b"])
        let attributes = try FileManager.default.attributesOfItem(atPath: path("b").string)
        #expect(attributes[.posixPermissions] as? Int == 0o400)
        #expect(throws: FileError.self) { try files.rename(path("a"), to: path("c")) }
    }

    @Test func statusKnowsKindSizeAndTime() throws {
        try files.replaceContents(of: path("a"), with: [1, 2])
        let status = try #require(try files.status(of: path("a")))
        #expect(status.kind == .file && status.byteCount == 2)
        #expect(abs(status.modificationTime - Date().timeIntervalSince1970) < 3600)
        #expect(try files.status(of: path("a").appending("below")) == nil)
    }
}
