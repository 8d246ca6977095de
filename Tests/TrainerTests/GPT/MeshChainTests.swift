import Checkpoints
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// A GPT's run that begins on 4 × 2 ranks, carries on on 2 × 2, and ends on one.
    @Suite struct MeshChainTests {
        private let folder: TestFolder
        private let records: [String]

        init() throws {
            folder = try TestFolder()
            let path = folder.path
            records = [
                "--log-samples", path.appending("samples").string, "--history", path.appending("history").string,
            ]
        }

        @Test func runGoesOnOnOtherMeshesAsIfNothingHadHappened() throws {
            let undisturbed = try undisturbedRun()
            let first = try folder.gpt(dp: 4, tp: 2, records).stop(by: SIGTERM, toRank: 5, inStep: 21)
            #expect(first.rank == 5 && first.reason == "a signal" && first.step == 21)
            try expectSavedState(onMesh: 2, 2, savedBy: 8, step: first.step)
            let second = try folder.gpt(dp: 2, tp: 2, records).stop(by: SIGTERM, toRank: 3, inStep: 42)
            #expect(second.step == 42)
            try expectSavedState(onMesh: 1, 1, savedBy: 4, step: second.step)
            let output = try folder.gpt(dp: 1, tp: 1, records).finish()
            #expect(output.contains("carrying on from GPT_train after step \(second.step) of 60\n"), "\(output)")
            try expectSamples(of: undisturbed.samples, stops: (first.step, second.step))
            try expectLosses(of: undisturbed.history)
        }

        private func undisturbedRun() throws -> (samples: [SampleLine], history: [HistoryLine]) {
            let whole = try TestFolder()
            let options = [
                "--log-samples", whole.path.appending("samples").string,
                "--history", whole.path.appending("history").string,
            ]
            try whole.gpt(dp: 1, tp: 1, options).finish()
            return try (
                whole.lines(of: "samples", as: SampleLine.self), whole.lines(of: "history", as: HistoryLine.self)
            )
        }

        /// The ranks of another mesh load what is saved: `RankCases` compares all bits of parameters and optimizer state
        /// with those in the files, which it reads one by one.
        private func expectSavedState(onMesh dp: Int, _ tp: Int, savedBy ranks: Int, step: Int) throws {
            let manifest = try #require(try CheckpointDirectory(folder.out).manifest(named: "GPT_train"))
            #expect(manifest.worldSize == ranks && manifest.checkpoint.progress.step == step)
            #expect(manifest.checkpoint.kind == .sharded)
            let arguments = ["resumed-state", folder.path.string, "\(dp)", "\(tp)"]
            let outcome = try MPIRun(ranks: dp * tp, "RankCases", arguments, limit: 120).run()
            #expect(outcome.exitCode == 0, "\(outcome)")
        }

        /// Every step reads the batch that it reads in a run that nobody stops: no sample comes twice, none is left out.
        private func expectSamples(of undisturbed: [SampleLine], stops: (Int, Int)) throws {
            let lines = try folder.lines(of: "samples", as: SampleLine.self)
            #expect(lines.map(\.step) == Array(1...60))
            #expect(undisturbed.map(\.step) == Array(1...60))
            for (line, expected) in zip(lines, undisturbed) {
                let (ranks, tp) = line.step <= stops.0 ? (8, 2) : line.step <= stops.1 ? (4, 2) : (1, 1)
                #expect(line.samples.count == ranks, "step \(line.step)")
                #expect(line.isAlikeAlong(tp: tp), "step \(line.step)")
                #expect(line.batch(tp: tp) == expected.batch(tp: 1), "step \(line.step)")
            }
            for epoch in 0..<3 {
                let read = lines[epoch * 20..<(epoch + 1) * 20].flatMap { line in
                    line.batch(tp: line.step <= stops.1 ? 2 : 1)
                }
                #expect(read.count == 320 && Set(read).count == 320, "epoch \(epoch + 1)")
            }
        }

        private func expectLosses(of undisturbed: [HistoryLine]) throws {
            let lines = try folder.lines(of: "history", as: HistoryLine.self)
            #expect(lines.map(\.step) == Array(1...60))
            for (line, expected) in zip(lines, undisturbed) {
                #expect(abs(line.loss - expected.loss) <= 1e-4 * expected.loss, "step \(line.step)")
                #expect(line.learningRate == expected.learningRate, "step \(line.step)")
            }
            let (first, last) = (try #require(undisturbed.first), try #require(undisturbed.last))
            #expect(last.loss < first.loss - 1, "it learns")
        }
    }
}
