import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// Requests at other times than between two steps, and by other ways than a signal.
    @Suite struct StopOccasionTests {
        /// While MPI starts: from the first moment at which the rank does not die of it.
        @Test(arguments: [1, 4])
        func signalDuringStartIsNotLost(ranks: Int) throws {
            let folder = try TestFolder()
            let run = folder.training(ranks: ranks)
            let running = try run.start()
            let rank = try running.process(ofRank: ranks - 1)
            try running.wait(until: "rank \(ranks - 1) heard signals") { rank.catches(SIGTERM) }
            rank.send(SIGTERM)
            let stop = try run.end(of: running)
            #expect(stop.step == 1 && stop.rank == ranks - 1, "\(stop)")
            try SavedSet(in: folder.out, ranks: ranks).expect(stop)
        }

        @Test func signalToTheLaunchScriptDuringStartIsNotLost() throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 4)
            run.launcher = .script
            let running = try run.start()
            try running.wait(until: "launch/run heard signals") { running.launcher.catches(SIGTERM) }
            running.launcher.send(SIGTERM)
            let stop = try run.end(of: running)
            try SavedSet(in: folder.out, ranks: 4).expect(stop)
        }

        @Test func configurationFileOfOneRankStopsAllRanks() throws {
            let folder = try TestFolder()
            // The same relative path in two working directories: only rank 1 is asked.
            let elsewhere = folder.path.appending("elsewhere")
            try FileManager.default.createDirectory(atPath: elsewhere.string, withIntermediateDirectories: true)
            var run = folder.training(ranks: 2, epochs: 10_000, ["--config-file", "exit.json"])
            run.otherRanks = [MPIRun.OtherRank(run.arguments, directory: elsewhere.string)]
            let stop = try run.stop { _ in try folder.write(#"{"GracefulExit": 1}"#, to: "elsewhere/exit.json") }
            #expect(stop.rank == 1 && stop.reason == "the configuration file", "\(stop)")
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        /// As when a scheduler starts a run again before the old one has left.
        @Test func secondRunInADirectoryWaitsUntilTheFirstHasLeft() throws {
            let folder = try TestFolder()
            let run = folder.training(ranks: 2)
            let first = try run.start()
            try first.wait(until: "an epoch was made") { first.output.contains("epoch ") }
            let second = try run.start()
            try second.wait(until: "it waited") { second.output.contains("waiting for the run that goes on in ") }
            try first.process(ofRank: 1).send(SIGTERM)
            let firstStop = try run.end(of: first)
            try second.wait(until: "it went on") {
                second.output.contains("carrying on from LeNet5_train after step \(firstStop.step) ")
            }
            try second.process(ofRank: 1).send(SIGTERM)
            let stop = try run.end(of: second)
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }
    }
}
