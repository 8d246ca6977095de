import Glibc
import MPITestKit
import Stopping
import SystemPackage
import Testing
import Training

extension MPITests.TrainerTests {
    /// What goes wrong while a run is under way leaves the last published set whole.
    @Suite struct FailureTests {
        @Test(
            .enabled(if: SmallDisk.isAllowed, "a full disk is not tried: only root may mount a small one"),
            arguments: [1, 4])
        func fullDiskAtTheFirstSet(ranks: Int) throws {
            let (folder, disk) = try (TestFolder(), SmallDisk(kilobytes: 64))
            try folder.training(ranks: ranks, epochs: 1, ["--directory", disk.path.string]).expectFullDisk(disk)
        }

        /// The second set does not fit beside the first.
        @Test(
            .enabled(if: SmallDisk.isAllowed, "a full disk is not tried: only root may mount a small one"),
            arguments: [1, 4])
        func fullDiskLeavesThePreviousSet(ranks: Int) throws {
            let (folder, disk) = try (TestFolder(), SmallDisk(kilobytes: 100 + 1_000 * ranks))
            try folder.training(ranks: ranks, epochs: 1, ["--directory", disk.path.string]).finish()
            let first = try SavedSet(in: disk.path, ranks: ranks)
            try folder.training(ranks: ranks, epochs: 2, ["--directory", disk.path.string]).expectFullDisk(disk)
            #expect(try SavedSet(in: disk.path, ranks: ranks).manifest == first.manifest)
        }

        @Test func rankThatIsKilledEndsAllAndLeavesThePreviousSet() throws {
            let folder = try TestFolder()
            let saved = try SavedSet(publishedIn: folder)
            let running = try folder.training(ranks: 4, epochs: 1_000).start()
            try running.waitForAnEpoch()
            try running.process(ofRank: 3).send(SIGKILL)
            #expect(try running.wait().exitCode == 128 + SIGKILL)
            #expect(try SavedSet(in: folder.out, ranks: 1).manifest == saved.manifest)
        }
    }
}

extension TrainerRun {
    /// Runs, which must fail because the disk has no room, in one sentence and without leaving anything.
    fileprivate func expectFullDisk(_ disk: SmallDisk) throws {
        let outcome = try start().wait()
        let rank = ranks == 1 ? "" : "rank [0-9]: "
        let sentence = try Regex(
            "trainer: error: \(rank)cannot write \(disk.path)/rank_[0-9]/[^ ]+: No space left on device\n")
        #expect(outcome.exitCode == 1, "\(outcome)")
        #expect(outcome.errors.wholeMatch(of: sentence) != nil, "\(outcome)")
        #expect(leftovers(in: disk.path) == [])
        #expect(RunStatus.read(in: disk.path)?.state == .failed, "\(outcome)")
    }
}
