import Checkpoints
import Files
import Foundation
import MPITestKit
import SystemPackage
import Tensors
import Testing

extension MPITests.TrainerTests {
    /// What the trainer's options about checkpoints do, and which of them exclude each other.
    @Suite struct CheckpointOptionsTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        private static let needsSchedule =
            "needs --save-every-steps, --save-every-seconds, --save-fraction or --save-optimal, which say when to save"

        @Test(arguments: [
            (["--keep", "3"], "--keep \(needsSchedule)"),
            (["--keep-best", "loss"], "--keep-best \(needsSchedule)"),
            (["--async-save"], "--async-save \(needsSchedule)"),
            (["--append", "a=1"], "--append \(needsSchedule)"),
            (["--no-save-optimizer"], "--no-save-optimizer \(needsSchedule)"),
            (
                ["--save-network-params", "--save-trainable-params"],
                "give one of --save-network-params and --save-trainable-params, not both"
            ),
            (
                ["--save-every-steps", "2", "--save-fraction", "0.1"],
                "give one of --save-every-steps, --save-every-seconds, --save-fraction and --save-optimal, not several"
            ),
            (
                ["--save-every-steps", "2", "--save-optimal", "--mtbf", "1h"],
                "give one of --save-every-steps, --save-every-seconds, --save-fraction and --save-optimal, not several"
            ),
            (["--save-optimal"], "--save-optimal needs --mtbf, which says how often the job fails"),
            (["--mtbf", "1h"], "--mtbf needs --save-optimal, which saves by it"),
            (["--save-optimal", "--mtbf", "0s"], "--mtbf is 0s; it must be more than 0"),
            (["--save-optimal", "--mtbf", "often"], "The value 'often' is invalid for '--mtbf <duration>'"),
            (["--save-every-steps", "0"], "--save-every-steps is 0; it must be at least 1"),
            (["--enc-mode", "AES-CBC"], "--enc-mode needs a key: give --key-file or --key-env"),
            (
                ["--key-env", "KEY", "--crc"],
                "--crc and a key exclude each other: MindSpore cannot read such a file"
            ),
            (
                ["--key-env", "KEY", "--format", "safetensors"],
                "--format safetensors and a key exclude each other: only .ckpt files are encrypted"
            ),
            (
                ["--key-env", "KEY", "--key-file", "k"],
                "--key-file and --key-env were both given; one of them is allowed"
            ),
            (
                ["--save-every-steps", "2", "--append", "a=1", "--append", "a=2"],
                "--append gives two values to one name"
            ),
            (["--append", "a"], "The value 'a' is invalid for '--append <name=value>'"),
        ])
        func whatExcludesEachOtherCostsASentence(wrong: ([String], String)) throws {
            try folder.training(ranks: 1, wrong.0).expectUsageError(wrong.1)
        }

        @Test func whatCannotBeSavedIsRefusedBeforeTraining() throws {
            let save = ["--save-every-steps", "2"]
            for (more, sentence) in [
                (
                    ["--append", "note=warm", "--format", "safetensors"],
                    "the value note in appendInfo is a text, which .safetensors files cannot hold"
                ),
                (
                    ["--append", "fc1.bias=1"],
                    "appendInfo has a value named fc1.bias, which is a parameter; it would replace it in the file"
                ),
                (["--prefix", "../a"], "the prefix is \"../a\", of 4 bytes; it must be the beginning of a file name"),
                (["--save-fraction", "2"], "the share of time for saving is 2.0; it must be above 0 and at most 1"),
            ] {
                let arguments = more[0] == "--save-fraction" ? more : save + more
                let outcome = try folder.training(ranks: 1, arguments).start().wait()
                #expect(outcome.exitCode != 0 && outcome.errors.contains(sentence), "\(outcome)")
                #expect(!outcome.output.contains("epoch 1"), "\(outcome)")
            }
        }

        @Test func checkpointsStandInMindFormersFolders() throws {
            try folder.training(ranks: 2, epochs: 1, ["--save-every-steps", "4", "--save-network-params"]).finish()
            for (path, moments) in [
                ("checkpoint/rank_0/CKP_rank_0-1_4.ckpt", true),
                ("checkpoint_network/rank_0/CKP_rank_0-network-1_4.ckpt", false),
            ] {
                let reader = try CkptReader(file: LocalFileSystem().open(folder.out.appending(path)))
                #expect(reader.entry(named: "conv1.weight") != nil)
                #expect((reader.entry(named: "moments.conv1.weight") != nil) == moments)
                #expect((reader.entry(named: "global_batch_size") != nil) == moments)
            }
            // What a stop would leave is gone: the run goes on from what the monitor saved.
            try FileManager.default.removeItem(atPath: folder.out.appending("LeNet5_train.manifest.json").string)
            let output = try folder.training(
                ranks: 1, epochs: 2, ["--save-every-steps", "4", "--checkpoint-monitor"]
            ).finish()
            #expect(output.contains("carrying on from CKP-1_4 after step 4"), "\(output)")
        }

        @Test func theBestIntervalIsChosenAndSaid() throws {
            let outcome = try folder.training(ranks: 2, epochs: 2, ["--save-optimal", "--mtbf", "30d"]).start().wait()
            #expect(outcome.exitCode == 0, "\(outcome)")
            let said = outcome.errors.components(separatedBy: "saving every ")
            #expect(said.count == 2, "\(outcome)")
            #expect(said.last?.contains("with a failure of the job every 30 d this loses the least time") == true)
            // A save measures, and the run ends long before the next.
            let sets = try FileManager.default.contentsOfDirectory(atPath: folder.out.string)
                .filter { $0.hasPrefix("CKP") && $0.hasSuffix(".manifest.json") }
            #expect(sets.sorted() == ["CKP-1_1.manifest.json", "CKP-2_4.manifest.json"])
        }

        @Test func valuesAreSavedBesideTheParameters() throws {
            let values = [
                "--append", "batch=32", "--append", "scale=0.5", "--append", "warm=true", "--append", "by=me",
            ]
            try folder.training(ranks: 1, epochs: 1, ["--save-every-steps", "4"] + values).finish()
            let reader = try CkptReader(file: LocalFileSystem().open(folder.out.appending("CKP-1_4.ckpt")))
            #expect(try reader.integer("batch") == 32)
            #expect(try reader.tensor("scale").elements(of: Float.self) == [0.5])
            #expect(try reader.contents(of: "warm") == [1])
            #expect(try reader.text("by") == "me")
        }
    }
}
