import Foundation
import Goodput
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// What a run leaves is enough to plan with.
    @Suite struct PlanFromRunTests {
        private let folder: TestFolder

        init() throws {
            folder = try TestFolder()
        }

        @Test func aRunSaysWhatItCosts() throws {
            let history = folder.path.appending("history.jsonl").string
            try folder.training(
                ranks: 2, ["--history", history, "--drill", "sigterm@rank1:step9; slow@rank0:20ms"]
            ).finish()
            let table = try plan(["--from", folder.out.string, "--history", history])
            #expect(table.exitCode == 0 && table.output.hasPrefix("from the run: 2 ranks, "), "\(table)")
            #expect(table.output.contains(" by its history, a stop that took "), "\(table)")
            let json = try plan(["--from", folder.out.string, "--history", history, "--step", "2s", "--json"])
            let plan = try JSONDecoder().decode(Plan.self, from: Data(json.output.utf8))
            // Each rank saves all of it, so it is the size of one file.
            let file = folder.out.appending("rank_0/LeNet5_train.ckpt").string
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
            #expect(plan.ranks == 2 && plan.hosts == 1)
            #expect(plan.costs.state == .total(bytes: Double(size ?? 0)))
            #expect(plan.costs.stepSeconds == 2, "an option wins over what was measured")
        }

        @Test func aRunWithoutAStopSaysWhatIsMissing() throws {
            try folder.training(ranks: 1, epochs: 1).finish()
            let outcome = try plan(["--from", folder.out.string])
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(outcome.output.contains("the time of a step is not on record; --step gives it"), "\(outcome)")
            #expect(
                outcome.output.contains("no stop was measured; --save-overhead and --shared-bandwidth say"),
                "\(outcome)")
        }

        private func plan(_ arguments: [String]) throws -> MPIRunOutcome {
            let program = MPIRun.path(of: "simulate")
            return try MPIRun(ranks: 1, "simulate", ["plan"] + arguments, launcher: .command([program])).run()
        }
    }
}
