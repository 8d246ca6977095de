import Files
import Foundation
import SystemPackage
import Testing

/// A path is whatever bytes the system takes for one.
struct PathTextTests {
    static let names: [[UInt8]] = [
        Array("plain".utf8), Array("ü ~ %20\n'\"".utf8), [0xFF], [0x61, 0xC3], [0xE2, 0x82, 0x62], [0xC3, 0xBC, 0x80],
        [0xF4, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80], [0xC0, 0x80], Array("-x".utf8), Array("..x".utf8),
    ]

    @Test(arguments: names)
    func textKeepsEveryByte(name: [UInt8]) {
        let path = FilePath("/a").pushing(component(name))
        #expect(FilePath(text: path.text) == path)
        #expect(FilePath(text: path.text + ".tmp") == FilePath("/a").pushing(component(name + Array(".tmp".utf8))))
    }

    @Test func textOfUnicodeIsItself() {
        #expect(FilePath("/a/ü").text == "/a/ü")
        #expect(FilePath(text: "/a/ü").string == "/a/ü")
        #expect(FilePath(text: "").isEmpty)
    }

    @Test(arguments: names)
    func filesOfAnyNameAreReplacedInOneStep(name: [UInt8]) throws {
        let directory = try TemporaryDirectory()
        let files = LocalFileSystem()
        let folder = directory.path.pushing(component(name))
        try files.createDirectory(folder)
        try files.replaceContents(of: folder.pushing(component(name)), with: [1])
        try files.replaceContents(of: folder.pushing(component(name)), with: [2])
        #expect(try files.contents(of: folder.pushing(component(name)), limit: 1) == [2])
        #expect(try files.names(in: folder).count == 1)
    }

    private func component(_ bytes: [UInt8]) -> FilePath {
        let characters = bytes.map { CChar(bitPattern: $0) } + [0]
        return unsafe characters.withUnsafeBufferPointer { characters in
            unsafe characters.baseAddress.map { unsafe FilePath(platformString: $0) } ?? FilePath()
        }
    }
}
