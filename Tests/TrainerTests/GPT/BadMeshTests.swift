import MPITestKit
import Stopping
import SystemPackage
import Testing
import Training

extension MPITests.TrainerTests {
    /// A mesh that cannot be costs one sentence, from one rank, before anything is trained.
    @Suite struct BadMeshTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        @Test(arguments: [
            (["--dp", "4", "--tp", "2"], "the mesh dp 4 × tp 2 has 8 ranks, but there are 4"),
            (["--tp", "3"], "the mesh dp 1 × tp 3 has 3 ranks, but there are 4"),
            (["--dp", "0"], "--dp is 0; it must be at least 1"),
            (["--dp", "2", "--dp", "4"], "--dp is given 2 times, as 2 and 4; a mesh has one axis dp"),
            (["--tp", "2", "--tp", "2"], "--tp is given 2 times, as 2 and 2; a mesh has one axis tp"),
            (["--tp", "4", "--heads", "2"], "heads is 2; it must be a multiple of 4, the size of axis tp"),
            (["--width", "30"], "width is 30; it must be a multiple of 4, the number of heads"),
        ])
        func meshThatCannotBe(wrong: [String], sentence: String) throws {
            // The later of two sizes counts, so those that are wrong come last.
            let run = TrainerRun(
                ranks: 4, arguments: try ["train", "--directory", folder.out.string] + folder.gptArguments() + wrong)
            try run.expectUsageError(sentence)
        }

        @Test func vocabularyThatCannotBeShared() throws {
            let wrong = ["--tp", "3", "--heads", "6", "--width", "48"]
            let run = TrainerRun(ranks: 3, arguments: ["train", "--model", "gpt"] + wrong)
            try run.expectUsageError("vocabulary is 256; it must be a multiple of 3, the size of axis tp")
        }

        @Test func batchThatTheRanksAlongDpCannotShare() throws {
            try folder.gpt(dp: 4, tp: 1, ["--batch-size", "18"]).expectRefusal(
                "a batch of 18 samples cannot be shared evenly among 4 ranks; use a multiple of 4", .configuration)
        }

        @Test func layersOfLeNetAreNotShared() throws {
            try folder.training(ranks: 2, ["--tp", "2"]).expectUsageError(
                "--tp is 2; the layers of lenet5 cannot be shared, so it must be 1")
        }
    }
}
