import Runs
import Testing
import Training

/// Names that become those of files: they are looked at when a callback is made, not when it is to save.
struct FileNameTests {
    private static let wrong = [
        "/", "a/b", "../a", "..", ".", ".hidden", String(repeating: "a", count: 300), String(repeating: "模", count: 34),
        "a\nb", "a\rb", "\u{7F}", "a\u{85}b", "a\u{2028}b", "a\0b",
    ]

    @Test(arguments: wrong) func whatNoFileCanBeCalledIsRefused(name: String) {
        #expect(throws: OnRequestExitError.badFileName(name)) { _ = try OnRequestExit(fileName: name) }
        #expect(throws: OnRequestExitError.badFileName(name)) {
            _ = try OnRequestExit(saveCkpt: false, fileName: name, signals: [15])
        }
        #expect(throws: ModelCheckpointError.badPrefix(name)) { _ = try ModelCheckpoint(prefix: name) }
        #expect(throws: ModelCheckpointError.badPrefix(name)) { _ = try CheckpointMonitor(prefix: name) }
    }

    @Test(arguments: ["", "Net", "a.b", "a..b", "a b", "模型", "a\\b", "\"", String(repeating: "a", count: 100)])
    func whatAFileCanBeCalledIsTaken(name: String) throws {
        _ = try OnRequestExit(fileName: name)
        _ = try ModelCheckpoint(prefix: name)
        _ = try CheckpointMonitor(prefix: name)
    }

    /// The sentence stays on one line, however long and strange the name is.
    @Test func theSentenceNamesTheValueAndWhatIsAllowed() {
        let text = OnRequestExitError.badFileName("a\n" + String(repeating: "b", count: 400)).description
        #expect(text.hasPrefix("fileName is \"a\\n") && !text.contains("\n") && text.utf8.count < 300)
        #expect(
            text.hasSuffix(
                "…, of 402 bytes; it must be the beginning of a file name: at most 100 bytes on one line, "
                    + "without \"/\" and with no dot in front"))
    }
}
