import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// What the trainer does with a GPT besides stopping.
    @Suite struct GPTCommandTests {
        /// A smaller recipe than the default: 2 ranks, 1 layer of width 64, 500 steps of 64 × 16 bytes.
        @Test func defaultTextIsLearnt() throws {
            let folder = try TestFolder()
            let sizes = ["--layers", "1", "--width", "64", "--heads", "4", "--length", "16", "--batch-size", "64"]
            let recipe = ["--steps", "500", "--warm-up", "20", "--learning-rate", "5e-3"]
            let arguments = ["--model", "gpt", "--directory", folder.out.string] + sizes + recipe
            let output = try TrainerRun(ranks: 2, arguments: arguments).finish()
            let result = try #require(output.firstMatch(of: /loss [0-9.]+, ([0-9.]+) bits per byte on [0-9]+ bytes/))
            let bits = try #require(Double(result.1))
            // On this text, how often each byte occurs gives 4.47 bits, and how often each follows each other one 3.67.
            #expect(bits <= 3.5, "\(output)")
        }

        @Test func historyHasALineAStepAndTheEvaluationsAskedFor() throws {
            let folder = try TestFolder()
            let history = folder.path.appending("history").string
            let run = try folder.gpt(
                dp: 2, tp: 1, epochs: 1, ["--history", history, "--evaluate-every-steps", "10"])
            let output = try run.finish()
            let lines = try folder.lines(of: "history", as: HistoryLine.self)
            #expect(lines.map(\.step) == Array(1...20))
            #expect(lines.allSatisfy { $0.epoch == 1 && $0.gradientNorm ?? 0 > 0 && $0.tokensPerSecond ?? 0 > 0 })
            // It rises over ten steps and then falls.
            #expect(abs(lines[4].learningRate - 5e-3) < 1e-6 && lines[19].learningRate < lines[10].learningRate)
            #expect(lines.filter { $0.evaluation != nil }.map(\.step) == [10, 20])
            let last = try #require(lines[19].evaluation)
            let (loss, bits) = (try #require(last["loss"]), try #require(last["bits_per_byte"]))
            #expect(abs(bits - loss / log(2)) < 1e-6)
            #expect(output.contains("after step 10: loss "), "\(output)")
        }

        @Test func memoryOfARankIsStated() throws {
            let folder = try TestFolder()
            var optimizer: [Double] = []
            for share in [[], ["--shard-optimizer"]] {
                let sizes = ["--directory", folder.out.string, "--steps", "1", "--resume", "never"]
                let run = TrainerRun(
                    ranks: 8, arguments: try ["train"] + folder.gptArguments() + sizes + share)
                let output = try run.finish()
                let line = try #require(
                    output.firstMatch(
                        of:
                            /memory of a rank: parameters ([0-9.]+) kB, optimizer ([0-9.]+) kB, step [0-9.]+ [kM]B, data [0-9.]+ [kM]B; [0-9.]+ [kM]B in all\n/
                    ))
                optimizer.append(try #require(Double(line.2)))
            }
            #expect(abs(optimizer[1] / optimizer[0] * 8 - 1) <= 0.02, "\(optimizer)")
        }
    }
}
