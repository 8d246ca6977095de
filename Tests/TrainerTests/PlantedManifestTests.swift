import Files
import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// What somebody has put into the directory of a run, under names of manifests.
    @Suite struct PlantedManifestTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
            try folder.writeKey("hex:000102030405060708090a0b0c0d0e0f", to: "key")
        }

        /// Rubbish, a directory, a pipe, links and a file of terabytes; also where the next sets belong.
        private func plant() throws {
            let out = folder.out
            for name in ["CKP-1_9", "x", "CKP-2_1"] {
                try Data([0x7B, 0]).write(to: URL(filePath: out.appending("\(name)a.manifest.json").string))
                try LocalFileSystem().createDirectory(out.appending("\(name).manifest.json"))
                try #require(unsafe mkfifo(out.appending("\(name)c.manifest.json").string, 0o600) == 0)
                for (end, target) in [("d", "nowhere"), ("e", "\(name)e.manifest.json"), ("f", "/dev/zero")] {
                    try FileManager.default.createSymbolicLink(
                        atPath: out.appending("\(name)\(end).manifest.json").string, withDestinationPath: target)
                }
                let large = out.appending("\(name)g.manifest.json").string
                try Data().write(to: URL(filePath: large))
                try #require(unsafe truncate(large, 1 << 40) == 0)
            }
        }

        @Test(arguments: [false, true]) func theyKeepNoRunFromSavingRemovingAndCarryingOn(hasKey: Bool) throws {
            let key = hasKey ? ["--key-file", folder.path.appending("key").string] : []
            let saves = ["--save-every-steps", "1", "--keep", "2"]
            try folder.training(ranks: 1, epochs: 1, saves + key).finish()
            try plant()
            let outcome = try folder.training(ranks: 2, epochs: 2, saves + key).start().wait()
            #expect(outcome.exitCode == 0 && outcome.output.contains("carrying on from LeNet5_train"), "\(outcome)")
            let all = outcome.output + outcome.errors
            #expect(all.components(separatedBy: "is passed over, and so are").count == 2, "\(outcome)")
            let sets = try LocalFileSystem().names(in: folder.out.appending("rank_0")).filter { $0.hasPrefix("CKP") }
            #expect(sets == ["CKP-2_3.ckpt", "CKP-2_4.ckpt"])
            let words = [MPIRun.path(of: "trainer"), "status", folder.out.string]
            let status = try MPIRun(ranks: 1, "trainer", launcher: .command(words), limit: 60).run()
            #expect(status.output.contains("newest checkpoint: LeNet5_train, step 8"), "\(status)")
        }

        /// Swift takes the two names for the same; the disk does not, and nobody has vouched for the other one.
        @Test func aSetThatIsNamedIsNotOneOfACanonicallyEqualName() throws {
            try folder.training(ranks: 1, epochs: 1, ["--save-every-steps", "2", "--prefix", "\u{E9}"]).finish()
            let out = folder.out.string
            let planted = try String(contentsOfFile: "\(out)/\u{E9}-1_4.manifest.json", encoding: .utf8)
                .replacing("\u{E9}-1_4", with: "e\u{301}-1_2")
                .replacing(/"generation" : [0-9]+/, with: "\"generation\" : 50")
            try Data(planted.utf8).write(to: URL(filePath: "\(out)/e\u{301}-1_2.manifest.json"))
            try FileManager.default.copyItem(
                atPath: "\(out)/\u{E9}-1_4.ckpt", toPath: "\(out)/e\u{301}-1_2.ckpt")
            let named = folder.training(ranks: 1, epochs: 1, ["--resume", "\(out)/\u{E9}-1_2.manifest.json"])
            #expect(try named.finish().contains("after step 2 of 4"))
        }
    }
}
