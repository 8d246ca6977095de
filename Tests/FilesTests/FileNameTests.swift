import Files
import SystemPackage
import Testing

/// Names from outside that become parts of paths.
struct FileNameTests {
    @Test(arguments: [
        "", ".", "..", "/", "a/b", "../a", "a/", "/a", "a\0b", "a\nb", "a\u{7F}", "a/\u{301}b", "\u{1B}[2J",
    ])
    func whatLeadsElsewhereIsNoName(text: String) {
        #expect(FileName(text) == nil)
    }

    @Test(arguments: [
        "a", ".a", "...", "a b", "-rf", "~", "\\", "é", "1795252484-c6cae098", String(repeating: "a", count: 255),
    ])
    func whatIsANameLeadsToOneFileOfTheDirectory(text: String) throws {
        let path = FilePath("/d").appending(try #require(FileName(text)), suffix: ".json")
        #expect(path.removingLastComponent() == "/d" && path.lastComponent?.string == text + ".json")
    }

    @Test func namesAreComparedByTheirBytes() {
        let (one, two): (FileName, FileName) = ("\u{E9}", "e\u{301}")
        #expect(one.text == two.text && one != two && Set([one, two]).count == 2 && two < one)
    }

    @Test func aSuffixIsTakenOffByItsBytes() {
        let name: FileName = "a.json"
        #expect(name.stem(before: ".json") == "a")
        for text in [".json", "a.jso", "a.json\u{301}", "json"] {
            #expect(FileName(text)?.stem(before: ".json") == nil, "\(text)")
        }
    }

    @Test func whatAFileIsMadeAsHasANameThatNobodyGuesses() {
        let (files, path): (LocalFileSystem, FilePath) = (LocalFileSystem(), "/d/a.ckpt")
        #expect(files.unguessablePath(beside: path, "tmp") != files.unguessablePath(beside: path, "tmp"))
        let text = files.unguessablePath(beside: path, "tmp").string
        #expect(text.wholeMatch(of: /\/d\/\.a\.ckpt\.[0-9a-f]{1,16}\.tmp/) != nil)
    }
}
