import Foundation
import Testing

/// What becomes of output that cannot be written, and of standard streams that are not there.
struct OutputTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    @Test(arguments: [["--help"], ["inspect", Vectors.path("plain/cell.ckpt")]])
    func outputThatCannotBeWrittenIsAnErrorInOneSentence(arguments: [String]) throws {
        let full = try CkptRun(arguments, redirection: ">/dev/full")
        full.expectRefusal("cannot write to standard output: No space left on device")
        let closed = try CkptRun(arguments, redirection: ">&-")
        closed.expectRefusal("cannot write to standard output: Bad file descriptor")
    }

    @Test func readerWhoHasSeenEnoughIsNoError() throws {
        let run = try CkptRun(["--help"], before: "exec 3> >(:); wait $!; exec >&3 3>&-;")
        #expect(run.status == 0 && run.errors == "")
    }

    @Test(arguments: ["2>/dev/full", "2>&-", "<&- >&- 2>&-"])
    func wrongCommandLineHasItsCodeThoughNobodyCanBeTold(redirection: String) throws {
        #expect(try CkptRun(["frobnicate"], redirection: redirection).status == 64)
    }

    /// The first files to be opened would have their numbers otherwise, and be given what is printed.
    @Test func closedStreamsAreNoFiles() throws {
        let input = Vectors.path("plain/cell.ckpt")
        _ = try CkptRun.succeeding("convert", input, folder("right.safetensors"))
        let run = try CkptRun(["convert", input, folder("a.safetensors")], redirection: "<&- >&- 2>&-")
        #expect(run.status == 0)
        #expect(try folder.bytes(of: "a.safetensors") == folder.bytes(of: "right.safetensors"))
    }

    /// Without a handler of SIGXFSZ it would die of the signal, and leave what it had written.
    @Test func limitOfFilesIsAnErrorInOneSentence() throws {
        try SampleSets.writeLarge(kilobytes: 300, to: folder("x.ckpt"))
        let run = try CkptRun(["convert", folder("x.ckpt"), folder("y.ckpt")], before: "ulimit -f 100;")
        #expect(run.status == 1)
        #expect(run.errors.hasSuffix(": File too large\n"), "\(run)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.ckpt"])
    }
}
