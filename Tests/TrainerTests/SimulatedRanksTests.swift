import Checkpoints
import Files
import Foundation
import MPITestKit
import SystemPackage
import Tensors
import Testing

extension MPITests.TrainerTests {
    /// Ranks that are threads of one process, beside those that mpirun starts.
    @Suite struct SimulatedRanksTests {
        private static let trains = "trainer --data data --directory out --epochs 2"

        /// Two ranks make the same sums; more make them in another order than Open MPI.
        @Test(arguments: [2, 4, 8]) func theNumbersAreThoseOfMPI(ranks: Int) throws {
            let (simulated, real) = (try TestFolder(), try TestFolder())
            let outcome = try simulated.shell("\(Self.trains) --simulated-ranks \(ranks)")
            #expect(outcome.exitCode == 0 && outcome.output.contains("all \(ranks) ranks finished"), "\(outcome)")
            try real.training(ranks: ranks, epochs: 2).finish()
            let (mine, theirs) = (
                try SavedSet(in: simulated.out, ranks: ranks), try SavedSet(in: real.out, ranks: ranks)
            )
            let isSame = mine.state == theirs.state
            if ranks == 2 { #expect(isSame) }
            let files = [simulated, real].map { $0.out.appending("rank_0/LeNet5_train.ckpt") }
            let readers = try files.map { try CkptReader(file: LocalFileSystem().open($0)) }
            for name in ["conv1.weight", "fc3.weight"] {
                let values = try readers.map { try $0.tensor(name).elements(of: Float.self) }
                let furthest = zip(values[0], values[1]).map { abs($0 - $1) }.max() ?? 1
                #expect(furthest <= 1e-4, "\(name) of \(ranks) ranks")
            }
        }

        @Test(arguments: [2, 4, 8]) func theSameBitsComeOutEachTime(ranks: Int) throws {
            let states = try (0..<2).map { _ in
                let folder = try TestFolder()
                _ = try folder.shell("\(Self.trains) --simulated-ranks \(ranks)")
                return try SavedSet(in: folder.out, ranks: ranks).state
            }
            let isSame = states[0] == states[1]
            #expect(isSame)
        }

        /// A signal to the process stops all ranks after one step, and real ranks carry on from there.
        @Test func theyStopTogetherAndOthersCarryOn() throws {
            let folder = try TestFolder()
            let outcome = try folder.shell(
                """
                "$TRAINER" --data data --directory out --epochs 1000 --simulated-ranks 4 & trainer=$!
                until grep -q '"running"' out/status.json 2>/dev/null; do sleep 0.1; done
                kill -TERM $trainer; wait $trainer
                """)
            #expect(outcome.exitCode == 0 && outcome.output.contains("all 4 ranks stopped after step"), "\(outcome)")
            let step = try SavedSet(in: folder.out, ranks: 4).manifest.checkpoint.progress.step
            let output = try folder.training(ranks: 2, epochs: step / 4 + 2).finish()
            #expect(output.contains("all 2 ranks finished"), "\(output)")
        }

        @Test func theCommandLineOfSimulateIsThatOfTheProgram() throws {
            let folder = try TestFolder()
            let outcome = try folder.shell(
                "\"$(dirname \"$TRAINER\")/simulate\" run --ranks 2 -- --data data --directory out --epochs 1")
            #expect(outcome.exitCode == 0 && outcome.output.contains("all 2 ranks finished"), "\(outcome)")
        }

        @Test(arguments: ["0", "-3", "100001", "many", ""]) func whatIsNoNumberOfRanksIsRefused(number: String) throws {
            let folder = try TestFolder()
            let outcome = try folder.shell("\(Self.trains) --simulated-ranks '\(number)'")
            #expect(outcome.exitCode == 64, "\(outcome)")
            #expect("\(outcome)".contains("--simulated-ranks is \(number); it must be 1 to 100000"), "\(outcome)")
            #expect(!FileManager.default.fileExists(atPath: folder.out.string))
        }

        @Test func aConfigurationFileCannotAskForThem() throws {
            let folder = try TestFolder()
            try folder.write("simulated-ranks: 4\n", to: "run.yaml")
            let outcome = try folder.shell("\(Self.trains) --config run.yaml")
            #expect(outcome.exitCode == 64 || outcome.exitCode == 78, "\(outcome)")
            #expect("\(outcome)".contains("simulated-ranks"), "\(outcome)")
        }

        @Test func underMPIRunTheyAreRefused() throws {
            let folder = try TestFolder()
            let outcome = try folder.training(ranks: 2, epochs: 1, ["--simulated-ranks", "2"]).start().wait()
            #expect(outcome.exitCode != 0 && "\(outcome)".contains("no mpirun has started"), "\(outcome)")
        }
    }
}
