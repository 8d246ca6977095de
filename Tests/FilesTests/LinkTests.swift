import Files
import Foundation
import SystemPackage
import Testing

/// Links that somebody has put where a program makes, moves and deletes files: `home` is what they lead to.
struct LinkTests {
    private let directory: TemporaryDirectory
    private let files: any FileSystem
    private let plain = LocalFileSystem()
    private var root: FilePath { directory.path.appending("out") }
    private var home: FilePath { directory.path.appending("home") }

    init() throws {
        directory = try TemporaryDirectory()
        files = LocalFileSystem().within(directory.path.appending("out"))
        for folder in [root, home] { try plain.createDirectory(folder) }
        try plain.replaceContents(of: home.appending("mine"), with: [7])
        try link("x", to: "../home")
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: root.appending(name).string, withDestinationPath: target)
    }

    /// Nothing else than at the begin lies behind the link.
    private func expectUntouched(_ place: Comment? = nil) throws {
        #expect(try plain.names(in: home) == ["mine"], place)
        #expect(try plain.contents(of: home.appending("mine"), limit: 9) == [7], place)
    }

    @Test func nothingIsChangedThroughALink() throws {
        try plain.replaceContents(of: root.appending("own"), with: [1])
        let through = root.appending("x/mine")
        let changes: [(String, () throws -> Void)] = [
            ("create", { _ = try files.create(through) }),
            ("create new", { _ = try files.create(root.appending("x/new")) }),
            ("replace", { try files.replaceContents(of: through, with: [1]) }),
            ("delete", { try files.remove(through) }),
            ("move away", { try files.rename(through, to: root.appending("taken")) }),
            ("move there", { try files.rename(root.appending("own"), to: through) }),
            ("make a directory", { try files.createDirectory(root.appending("x/y/z")) }),
            ("make the directory of the link", { try files.createDirectory(root.appending("x")) }),
        ]
        for (name, change) in changes {
            let error = #expect(throws: FileError.self, "\(name)") { try change() }
            #expect(
                error?.reason.contains("x is no directory of its own") == true, "\(name): \(String(describing: error))")
            try expectUntouched("\(name)")
        }
        #expect(try plain.names(in: root) == ["own", "x"])
    }

    @Test func aLinkItselfIsReplacedAndDeleted() throws {
        try link("file", to: "../home/mine")
        try files.create(root.appending("file")).close()
        try link("other", to: "../home/mine")
        try files.replaceContents(of: root.appending("other"), with: [1])
        try files.remove(root.appending("x"))
        try expectUntouched()
        #expect(try plain.names(in: root) == ["file", "other"])
    }

    @Test(arguments: ["../home/mine", "a/../../home/mine", "x/../home/mine"])
    func nothingIsChangedAboveTheDirectory(path: String) throws {
        try plain.createDirectory(root.appending("a"))
        let through = root.appending(FilePath(path).components)
        #expect(throws: FileError.self) { try files.remove(through) }
        #expect(throws: FileError.self) { _ = try files.create(through) }
        try expectUntouched()
    }

    /// A person may keep a directory elsewhere, and link to what is to be read.
    @Test func theDirectoryItselfMayBeALinkAndReadingFollowsLinks() throws {
        let linked = directory.path.appending("linked")
        try FileManager.default.createSymbolicLink(atPath: linked.string, withDestinationPath: "out")
        let files = plain.within(linked)
        try files.createDirectory(linked.appending("rank_0"))
        try files.replaceContents(of: linked.appending("rank_0/a"), with: [1])
        try files.rename(linked.appending("rank_0/a"), to: linked.appending("rank_0/b"))
        #expect(try plain.names(in: root.appending("rank_0")) == ["b"])
        try files.remove(linked.appending("rank_0/b"))
        #expect(try files.contents(of: linked.appending("x/mine"), limit: 9) == [7])
        #expect(try files.status(of: linked.appending("x/mine"))?.kind == .file)
    }

    /// However many file systems stand in between.
    @Test func aFileSystemInFrontKeepsToItToo() throws {
        let files = Passing().within(root)
        #expect(throws: FileError.self) { try files.remove(root.appending("x/mine")) }
        #expect(throws: FileError.self) { _ = try files.create(root.appending("x/new")) }
        try expectUntouched()
    }

    @Test func filesHaveTheirPermissionsFromTheFirstMoment() throws {
        for (name, permissions) in [("a", 0o400), ("b", 0o600), ("c", 0o644)] {
            let file = try files.create(root.appending(name), permissions: permissions)
            let attributes = try FileManager.default.attributesOfItem(atPath: root.appending(name).string)
            #expect(attributes[.posixPermissions] as? Int == permissions)
            // And can be written all the same.
            try file.write([1 as UInt8].span)
            try file.close()
        }
    }

    @Test func aDirectoryIsNewOrNotMade() throws {
        #expect(throws: FileError.self) { try plain.createNewDirectory(root.appending("x")) }
        try plain.createNewDirectory(root.appending("new"))
        #expect(throws: FileError.self) { try plain.createNewDirectory(root.appending("new")) }
        try plain.removeDirectory(root.appending("new"))
        #expect(throws: FileError.self) { try plain.removeDirectory(root.appending("x")) }
        try expectUntouched()
    }
}

/// A file system in front of that of the machine which does nothing itself.
private struct Passing: ForwardingFileSystem {
    let base: any FileSystem = LocalFileSystem()
}
