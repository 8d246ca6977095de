import Checkpoints
import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// What the trainer says of a run and of the sets that it would carry on.
    @Suite struct LineageTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        private func status(_ arguments: String...) throws -> MPIRunOutcome {
            let path = MPIRun.path(of: "trainer")
            let words = [path, "status", folder.out.string] + arguments
            return try MPIRun(ranks: 1, "trainer", launcher: .command(words), limit: 60).run()
        }

        private func field(_ name: String) throws -> String {
            try status("--field", name).output.trimmingCharacters(in: .newlines)
        }

        @Test func statusNamesTheNewestSetAndNotTheHighestStep() throws {
            #expect(try status().exitCode == 64)
            try folder.training(ranks: 1, epochs: 2, ["--save-every-steps", "2"]).finish()
            #expect(try field("step") == "8" && field("state") == "finished" && field("stepsMade") == "8")
            let generation = try #require(Int(field("generation")))
            let back = folder.training(
                ranks: 1, epochs: 2,
                [
                    "--save-every-steps", "1", "--resume", folder.out.appending("CKP-1_4").string, "--drill",
                    "kill@rank0:step7",
                ])
            #expect(try back.start().wait().exitCode != 0)
            #expect(try field("step") == "6" && field("checkpoint") == "CKP-2_2")
            #expect(try Int(field("generation")) == generation + 2)
            #expect(try field("manifest") == "\(folder.out)/CKP-2_2.manifest.json")
            let output = try status("--json").output
            #expect(
                output.contains("\"generation\" : \(generation + 2)") && output.contains("\"step\" : 6"), "\(output)")
            #expect(try status().output.contains("newest checkpoint: CKP-2_2, step 6, epoch 2\n"))
            #expect(try status("--field", "none").exitCode == 64)
        }

        /// Only a command that does not say where to begin.
        @Test func theSameCommandIsSaidToCarryOnWhereItDoes() throws {
            try folder.training(ranks: 1, epochs: 1).finish()
            let manifest = folder.out.appending("LeNet5_train.manifest.json").string
            for (resume, step, isTheSame) in [("never", 5, false), (manifest, 7, false), ("auto", 9, true)] {
                let run = folder.training(ranks: 1, ["--resume", resume, "--drill", "sigterm@rank0:step\(step)"])
                let output = try run.finish()
                #expect(output.contains("; the same command carries on\n") == isTheSame, "\(output)")
                let other = "; to carry on, give --resume auto in place of what was given\n"
                #expect(output.contains(other) != isTheSame, "\(output)")
            }
        }

        /// Killed while it saves on four ranks, then carried on by two.
        @Test func whatAKilledSaveLeftIsRemovedByTheNextRunOnWhateverRanks() throws {
            let run = folder.training(ranks: 4, epochs: 2, ["--save-every-steps", "2", "--no-integrated-save"])
            var killed = run
            killed.arguments += ["--drill", "kill@rank2:save2"]
            #expect(try killed.start().wait().exitCode != 0)
            #expect(!leftovers(in: folder.out).isEmpty)
            try folder.training(ranks: 2, epochs: 2, ["--save-every-steps", "2"]).finish()
            #expect(leftovers(in: folder.out) == [])
        }
    }
}
