import Glibc
import MPITestKit
import Testing

extension MPITests.TrainerTests {
    /// SIGTERM to `mpirun` itself, without `launch/run`: it tells its ranks a second later, and kills them after another.
    @Suite struct PlainMpirunTests {
        @Test(arguments: [4, 8])
        func setIsPublishedBeforeMpirunKillsTheRanks(ranks: Int) throws {
            let folder = try TestFolder()
            let run = folder.training(ranks: ranks, epochs: 10_000)
            let running = try run.start()
            try running.waitForAnEpoch()
            running.launcher.send(SIGTERM)
            let outcome = try running.wait()
            // mpirun's own, whatever the ranks did.
            #expect(outcome.exitCode == 1, "\(outcome)")
            try SavedSet(in: folder.out, ranks: ranks).expect(run.stop(in: outcome))
            #expect(leftovers(in: folder.out) == [])
        }
    }
}
