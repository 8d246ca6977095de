import Foundation
import Testing

/// A wrong command line costs one sentence and the status 64, a wrong file one sentence and the status 1.
struct BadInputTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    @Test(arguments: [
        (["frobnicate"], "Error: Unexpected argument 'frobnicate'"),
        (["list"], "Error: Missing expected argument '<directory>'"),
        (["prune", ".", "--keep", "0"], "Error: --keep is 0; it must be at least 1"),
        (["prune", ".", "--keep", "1", "--keep-every", "0"], "Error: --keep-every is 0; it must be at least 1"),
        (
            ["encrypt", "a", "b", "--mode", "ROT13"],
            "Error: The value 'ROT13' is invalid for '--mode <mode>'. Please provide one of 'AES-GCM', 'AES-CBC' or 'SM4-CBC'."
        ),
        (
            ["inspect", "a", "--key-file", "b", "--key-env", "c"],
            "Error: --key-file and --key-env were both given; one of them is allowed"
        ),
        (["rekey", "a", "b"], "Error: name the new key with --new-key-file or --new-key-env"),
        (["encrypt", "a", "b", "--key", "secret"], "Error: Unknown option '--key'"),
    ])
    func wrongCommandLine(arguments: [String], sentence: String) throws {
        let run = try CkptRun(arguments)
        #expect(run.status == 64)
        #expect(run.output == "")
        #expect(run.errors.split(separator: "\n").first.map(String.init)?.hasPrefix(sentence) == true, "\(run)")
    }

    @Test(arguments: [
        "list", "inspect", "verify", "diff", "merge", "split", "convert", "encrypt", "decrypt", "rekey", "prune",
    ])
    func everyCommandHasHelp(command: String) throws {
        let run = try CkptRun.succeeding(command, "--help")
        #expect(run.output.contains("USAGE: ckpt \(command)"))
        let overview = try CkptRun.succeeding("--help")
        #expect(overview.output.contains("\n  \(command) "))
    }

    @Test func withoutACommandThereIsHelp() throws {
        #expect(try CkptRun.succeeding().output.contains("USAGE: ckpt <subcommand>"))
    }

    @Test func fileOfAnotherKindIsRefused() throws {
        let file = try folder.write(Array("hello, world".utf8), to: "x.ckpt")
        let run = try CkptRun(["inspect", file])
        #expect(run.status == 1 && run.errors.hasPrefix("ckpt: error: \(file) is damaged at byte "))
        try CkptRun(["list", file]).expectRefusal("\(file) is no directory; name one that holds checkpoints")
        try CkptRun(["inspect", folder.path]).expectRefusal(
            "\(folder.path) is a directory; name a checkpoint file or the manifest of a set in it")
    }

    @Test func outputWithoutFormatIsRefused() throws {
        try CkptRun(["convert", Vectors.path("plain/cell.ckpt"), folder("x.bin")]).expectRefusal(
            "\(folder("x.bin")) does not say its format; its name must end in .ckpt or .safetensors")
    }

    @Test func outputInAFolderThatIsNotThereIsRefused() throws {
        let run = try CkptRun(["convert", Vectors.path("plain/cell.ckpt"), folder("no/x.ckpt")])
        #expect(run.status == 1 && run.errors.hasSuffix(": No such file or directory\n"))
    }

    @Test func progressIsForTerminalsOnly() throws {
        try SampleSets.writeLarge(kilobytes: 20_000, to: folder("x.ckpt"))
        _ = try CkptRun.succeeding("convert", folder("x.ckpt"), folder("y.safetensors"), "--crc")
    }
}
