import Foundation
import MPITestKit
import Stopping
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// `--data` with pictures of one's own.
    @Suite struct PictureFolderTests {
        private let folder: TestFolder
        private let pictures: FilePath

        /// Two classes, one bright at the left and one at the right: 24 pictures to train on and 8 to test with.
        init() throws {
            folder = try TestFolder()
            pictures = folder.path.appending("pictures")
            for (part, count) in [("train", 12), ("val", 4)] {
                for name in ["left", "right"] {
                    for number in 0..<count {
                        try write(
                            picture(number, isBright: { ($0 < 6) == (name == "left") }), "\(part)/\(name)/\(number).ppm"
                        )
                    }
                }
            }
        }

        /// 12 × 10 pixels, whose size the network does not have.
        private func picture(_ number: Int, isBright: (Int) -> Bool) -> [UInt8] {
            let bytes = (0..<360).map { (place: Int) -> UInt8 in
                UInt8((isBright(place / 3 % 12) ? 160 : 20) + place * (number + 3) % 80)
            }
            return Array("P6 12 10 255\n".utf8) + bytes
        }

        private func write(_ bytes: [UInt8], _ name: String) throws {
            let url = URL(filePath: pictures.appending(name).string)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }

        private func run(_ arguments: [String], command: String = "train", ranks: Int = 1) -> TrainerRun {
            TrainerRun(ranks: ranks, arguments: [command, "--directory", folder.out.string] + arguments)
        }

        private func training(_ model: String, size: Int = 8, _ more: [String] = [], ranks: Int = 1) -> TrainerRun {
            let data = ["--model", model, "--data", pictures.string, "--image-size", "\(size)", "--batch-size", "8"]
            return run(data + more, ranks: ranks)
        }

        @Test func otherRanksCarryOn() throws {
            let first = try training("mlp", ["--epochs", "2"], ranks: 4).finish()
            #expect(first.contains("all 4 ranks finished step 6 of 6"), "\(first)")
            let output = try training("mlp", ["--epochs", "8"], ranks: 2).finish()
            #expect(output.contains("carrying on from MLP_train after step 6 of 24"), "\(output)")
            #expect(output.contains("accuracy 100.0 % on 8 test samples"), "\(output)")
            // What the network is made of stands in the set.
            #expect(
                try run(["--model", "mlp"], command: "evaluate").finish().contains("accuracy 100.0 % on 8 test samples")
            )
        }

        /// As many classes as folders, and the stem for large pictures from 96 pixels on.
        @Test func convolutionsTakeThem() throws {
            try write(picture(0) { $0 < 3 }, "train/third/1.ppm")
            try write(picture(0) { $0 < 3 }, "val/third/1.ppm")
            let output = try training("resnet18", size: 96, ["--epochs", "1", "--batch-size", "25"]).finish()
            #expect(output.contains("on 9 test samples"), "\(output)")
        }

        @Test func whatCannotBeUsedIsNamed() throws {
            try training("mlp", size: 7).expectUsageError("--image-size is 7; it must be from 8 to 1024")
            try training("lenet5").expectUsageError(
                "--image-size is not for lenet5, whose samples have one size; leave it out")
            try training("vit", size: 30).expectUsageError(
                "--image-size is 30; vit takes patches of 4, so it must be a multiple of that")
            try run(["--model", "mlp", "--image-size", "8"]).expectUsageError(
                "--image-size is 8; it is for pictures of your own, in folders 'train' and 'val' of --data; leave it out"
            )
            try write([], "val/up/1.ppm")
            try training("mlp", ranks: 2).expectRefusal(
                "\(pictures)/val has a class 'up', and \(pictures)/train has none; both need the same", .configuration)
            try FileManager.default.removeItem(atPath: pictures.appending("val/up").string)
            try write(Array("P6 12 10 255\n123".utf8), "train/left/3.ppm")
            let text =
                "train/left/3.ppm is a PPM file that is cut off: 12×10 pixels are 360 bytes behind byte 13, and 3 are there"
            let outcome = try training("mlp", ranks: 2).start().wait()
            #expect(outcome.exitCode != 0 && outcome.errors.contains(text), "\(outcome)")
        }

        @Test(arguments: [1, 2])
        func neitherKindOfPictures(ranks: Int) throws {
            try FileManager.default.removeItem(atPath: pictures.appending("train").string)
            let run = run(["--model", "mlp", "--data", pictures.string], ranks: ranks)
            try run.expectRefusal(
                "\(run.told(by: 0))\(pictures) has neither CIFAR-10's data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, "
                    + "data_batch_4.bin, data_batch_5.bin nor folders 'train' and 'val' or 'test' with a folder of pictures "
                    + "for each class", .configuration)
        }
    }
}
