import Files
import SystemPackage
import Testing

struct ContentsTests {
    @Test func contentsAreReplacedInOneStep() throws {
        let files = LocalFileSystem()
        let directory = try TemporaryDirectory()
        let path = directory.path.appending("meta.json")
        try files.replaceContents(of: path, with: Array("old".utf8))
        try files.replaceContents(of: path, with: Array("new".utf8))
        #expect(try files.contents(of: path, limit: 3) == Array("new".utf8))
        #expect(try files.names(in: directory.path) == ["meta.json"])
    }

    @Test func aFileAboveTheLimitIsNotRead() throws {
        let files = LocalFileSystem()
        let directory = try TemporaryDirectory()
        let path = directory.path.appending("large")
        try files.replaceContents(of: path, with: [1, 2, 3, 4])
        let error = #expect(throws: FileError.self) { try files.contents(of: path, limit: 3) }
        #expect(error?.reason == "it has 4 bytes, and 3 are allowed")
    }

    @Test func aFailedReplacementLeavesNothingBehind() throws {
        let files = LocalFileSystem()
        let directory = try TemporaryDirectory()
        let path = directory.path.appending("name")
        try files.createDirectory(path)
        #expect(throws: FileError.self) { try files.replaceContents(of: path, with: [1]) }
        #expect(try files.names(in: directory.path) == ["name"])
    }
}
