import Checkpoints
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    @Suite struct EvaluationTests {
        /// Of what two ranks left when they were stopped.
        @Test func accuracyIsTheSameOnAnyNumberOfRanks() throws {
            let folder = try TestFolder()
            let stop = try folder.training(ranks: 2).stop(by: SIGTERM, toRank: 1, inStep: 30)
            let outputs = try [1, 2, 4, 8].map { try folder.evaluation(ranks: $0).finish() }
            let lines = outputs[0].split(separator: "\n")
            #expect(lines.first == "checkpoint LeNet5_train of step \(stop.step)")
            #expect(lines.last?.wholeMatch(of: /accuracy [0-9.]+ % on 48 test samples, loss [0-9.]+/) != nil)
            for output in outputs { #expect(output == outputs[0]) }
            // An evaluation that nobody stops changes nothing.
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        @Test func signalStopsAnEvaluation() throws {
            let folder = try TestFolder()
            let trained = try SavedSet(publishedIn: folder)
            let many = folder.path.appending("many")
            try SmallDigits.write(to: many, testCount: 30_000)
            let running = try folder.evaluation(ranks: 2, ["--data", many.string]).start()
            try running.wait(until: "the evaluation began") { running.output.contains("checkpoint LeNet5_train") }
            try running.process(ofRank: 1).send(SIGTERM)
            let outcome = try running.wait()
            let manifest = folder.out.appending("LeNet5_eval.manifest.json")
            #expect(outcome.exitCode == 0, "\(outcome)")
            #expect(
                outcome.output.hasSuffix("stopped as asked, before all samples were measured; \(manifest)\n"),
                "\(outcome)")
            #expect(
                try SavedSet(in: folder.out, named: "LeNet5_eval", ranks: 2).manifest.checkpoint.cause.requestingRank
                    == 1)
            #expect(try SavedSet(in: folder.out, ranks: 1).manifest == trained.manifest)
        }
    }
}
