import Foundation
import MPITestKit
import Stopping
import SystemPackage
import Testing
import Training

extension MPITests.TrainerTests {
    /// What the outside world does wrong costs one sentence and a few seconds, and leaves nothing behind.
    @Suite struct BadInputTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        @Test(
            arguments: [
                (
                    ["--model", "resnet"],
                    """
                    The value 'resnet' is invalid for '--model <model>'. Please provide one of the following:
                      - lenet5
                      - mlp
                      - resnet18
                      - resnet34
                      - resnet50
                      - mobilenetv2
                      - vit
                      - unet
                      - lstm
                      - gpt
                    """
                ),
                (["--frobnicate"], "Unknown option '--frobnicate'"),
                (["--epochs", "0"], "--epochs is 0; it must be at least 1"),
                (["--batch-size", "0"], "--batch-size is 0; it must be at least 1"),
                (
                    ["--grace", "10s"],
                    "--grace is time before an end, and there is none: give --max-time too, or start the run under Slurm"
                ),
                (["--layers", "4"], "--layers is not for lenet5, which has no such thing; leave it out"),
                (
                    ["--model", "gpt", "--momentum", "0.5"],
                    "--momentum is not for gpt, which has no such thing; leave it out"
                ),
                (["--stop-signal", "FOO"], "The value 'FOO' is invalid for '--stop-signal <stop-signal>'"),
            ], [1, 4])
        func wrongCommandLine(wrong: ([String], String), ranks: Int) throws {
            try folder.training(ranks: ranks, wrong.0).expectUsageError(wrong.1)
        }

        @Test func differentArguments() throws {
            var run = folder.training(ranks: 2)
            run.otherRanks = [MPIRun.OtherRank(run.arguments + ["--seed", "2"])]
            try run.expectUsageError("rank 1 was given other arguments than rank 0; all ranks need the same")
        }

        @Test(arguments: [1, 4])
        func nothingToEvaluate(ranks: Int) throws {
            try folder.evaluation(ranks: ranks).expectUsageError(
                "\(folder.out) has no checkpoint LeNet5_train; train first, or name another --directory")
        }

        @Test(arguments: [1, 4])
        func signalThatCannotBeCaught(ranks: Int) throws {
            try folder.training(ranks: ranks, ["--stop-signal", "KILL"]).expectRefusal(
                "signal 9 (SIGKILL) cannot ask for a stop: no program is told of it", .configuration)
        }

        @Test func batchThatCannotBeShared() throws {
            try folder.training(ranks: 4, ["--batch-size", "30"]).expectRefusal(
                "a batch of 30 samples cannot be shared evenly among 4 ranks; use a multiple of 4", .configuration)
        }

        @Test(arguments: [1, 4])
        func batchLargerThanTheData(ranks: Int) throws {
            let run = folder.training(ranks: ranks, ["--batch-size", "160"])
            try run.expectRefusal(
                "\(run.told(by: 0))a batch of 160 cannot be made of 128 samples; a batch has 1 to 128", .configuration)
        }

        @Test(arguments: ["train", "t10k"], [1, 4])
        func missingFiles(part: String, ranks: Int) throws {
            try FileManager.default.removeItem(at: folder.url("data/\(part)-images-idx3-ubyte"))
            let run = folder.training(ranks: ranks)
            let names = ["-", "."].flatMap { mark in ["", ".gz"].map { "\(part)-images\(mark)idx3-ubyte\($0)" } }
            try run.expectRefusal(
                "\(run.told(by: 0))\(folder.data) has none of the files \(names.joined(separator: ", "))",
                .configuration)
            #expect(!FileManager.default.fileExists(atPath: folder.out.string))
        }

        @Test(arguments: [1, 4])
        func truncatedFile(ranks: Int) throws {
            let url = folder.url("data/train-images-idx3-ubyte")
            try Data(contentsOf: url).dropLast(5).write(to: url)
            try expectRefusal(
                ofFile: "train-images-idx3-ubyte",
                "is cut off: with elements [128, 8, 8] it has 8208 bytes, not 8203", ranks: ranks)
        }

        @Test(arguments: [1, 4])
        func otherFile(ranks: Int) throws {
            try folder.write("hello\n", to: "data/train-labels-idx1-ubyte")
            try expectRefusal(
                ofFile: "train-labels-idx1-ubyte",
                "is no IDX file: it begins with 68 65 6C 6C, and IDX files of unsigned bytes begin with 00 00 08",
                ranks: ranks)
        }

        @Test(arguments: [1, 4])
        func labelsOfOtherImages(ranks: Int) throws {
            let labels = "data/train-labels-idx1-ubyte"
            try FileManager.default.removeItem(at: folder.url(labels))
            try FileManager.default.copyItem(at: folder.url("data/t10k-labels-idx1-ubyte"), to: folder.url(labels))
            try expectRefusal(
                ofFile: "train-images-idx3-ubyte",
                "has 128 images but \(folder.path.appending(labels)) has 48 labels", ranks: ranks)
        }

        /// Root may write into every directory, but not below a file.
        @Test(arguments: [1, 4])
        func unwritableDirectory(ranks: Int) throws {
            try folder.write("", to: "file")
            let file = folder.path.appending("file")
            let run = folder.training(ranks: ranks, ["--directory", file.appending("out").string])
            try run.expectRefusal("\(run.told(by: 0))cannot make the directory \(file): File exists")
        }

        private func expectRefusal(ofFile name: String, _ problem: String, ranks: Int) throws {
            let run = folder.training(ranks: ranks)
            try run.expectRefusal("\(run.told(by: 0))\(folder.data.appending(name)) \(problem)", .configuration)
        }
    }
}
