import Foundation
import MPITestKit
import MindIR
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// The networks besides LeNet-5 and GPT that the trainer knows.
    @Suite struct NetworkChoiceTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        private func run(_ command: String, _ arguments: [String], ranks: Int = 1) throws -> String {
            try TrainerRun(ranks: ranks, arguments: [command, "--directory", folder.out.string] + arguments).finish()
        }

        /// The saved network as MindIR.
        private func export(_ name: String, _ arguments: [String]) throws -> MindIRReader {
            let path = folder.path.appending("a.mindir")
            let manifest = folder.out.appending("\(name)_train.manifest.json").string
            let files = ["--from", manifest, "--output", path.string]
            try TrainerRun(ranks: 1, arguments: ["export"] + files + arguments).finish()
            return try MindIRReader(path)
        }

        /// Files as CIFAR-10's: a label and three planes of 32 × 32 a picture.
        private func writePictures() throws {
            for (name, count) in [("data_batch_1.bin", 16), ("test_batch.bin", 6)] {
                let bytes = (0..<count).flatMap { picture -> [UInt8] in
                    [UInt8(picture % 10)] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 * (picture + 3) / 7) }
                }
                try Data(bytes).write(to: folder.url(name))
            }
        }

        @Test func aResidualNetworkLearnsFromCIFARsFiles() throws {
            try writePictures()
            let data = ["--model", "resnet18", "--data", folder.path.string]
            let output = try run("train", data + ["--epochs", "1", "--batch-size", "8"], ranks: 2)
            #expect(output.contains("on 6 test samples"), "\(output)")
            #expect(try run("evaluate", data).contains("checkpoint ResNet18_train of step 2"))
            #expect(try export("ResNet18", data).inputs.map(\.description) == ["image Float32[-1, 3, 32, 32]"])
        }

        /// The other networks of pictures, in the two optimizers that they have.
        @Test(arguments: [("mobilenetv2", "MobileNetV2"), ("vit", "ViT")])
        func otherNetworksLearnFromPictures(model: String, name: String) throws {
            try writePictures()
            let data = ["--model", model, "--data", folder.path.string]
            let output = try run("train", data + ["--epochs", "1", "--batch-size", "8"], ranks: 2)
            #expect(output.contains("on 6 test samples"), "\(output)")
            #expect(try run("evaluate", data).contains("checkpoint \(name)_train of step 2"))
        }

        @Test func anMLPLearnsTheDigits() throws {
            let output = try run("train", ["--model", "mlp", "--epochs", "2"], ranks: 4)
            let percent = try #require(try /accuracy (\d+)\.\d %/.firstMatch(in: output)?.1)
            #expect(try #require(Int(percent)) >= 85, "\(output)")
        }

        @Test func aUNetFindsFigures() throws {
            let output = try run("train", ["--model", "unet", "--epochs", "1"], ranks: 2)
            let percent = try #require(try /accuracy (\d+)\.\d\d % on the pixels of 64/.firstMatch(in: output)?.1)
            #expect(try #require(Int(percent)) >= 75, "\(output)")
            let path = folder.path.string
            try folder.training(ranks: 1, ["--model", "unet", "--data", path]).expectUsageError(
                "--data is not for unet, which finds the figures that the program draws; leave it out")
        }

        @Test func anLSTMLearnsFromAText() throws {
            try folder.write((0..<900).map { "\($0 * $0 % 97) and " }.joined(), to: "text")
            let text = ["--model", "lstm", "--data", folder.path.appending("text").string]
            let output = try run("train", text + ["--steps", "3", "--batch-size", "4"], ranks: 2)
            #expect(output.contains("bits per byte on"), "\(output)")
            #expect(try run("evaluate", text).contains("checkpoint LSTM_train of step 3"))
            #expect(try export("LSTM", text).operators["LSTM"] == 2)
        }

        @Test func optionsOfOtherNetworksAreRefused() throws {
            for (arguments, option, model) in [
                (["--model", "resnet34", "--layers", "4"], "--layers", "resnet34"),
                (["--model", "lstm", "--width", "128"], "--width", "lstm"),
                (["--model", "lstm", "--momentum", "0.5"], "--momentum", "lstm"),
                (["--model", "vit", "--momentum", "0.5"], "--momentum", "vit"),
                (["--model", "mlp", "--steps", "5"], "--steps", "mlp"),
            ] {
                try folder.training(ranks: 1, arguments).expectUsageError(
                    "\(option) is not for \(model), which has no such thing; leave it out")
            }
        }
    }
}
