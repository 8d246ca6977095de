import Foundation
import Glibc
import MPITestKit
import Stopping
import Testing
import Training

extension MPITests.TrainerTests {
    /// Programs that stand between mpirun and a rank, so that mpirun is not the rank's parent.
    @Suite struct WrapperTests {
        static let wrappers = [
            ["timeout", "600"], ["setsid", "-w"], ["bash", "-c", "\"$0\" \"$@\"; exit"], ["nice", "timeout", "600"],
        ]

        @Test(arguments: wrappers)
        func ranksOfAKilledLauncherSaveAndLeave(wrapper: [String]) throws {
            let folder = try TestFolder()
            let running = try start(folder, wrapper)
            running.launcher.send(SIGKILL)
            #expect(try running.wait().exitCode == 128 + SIGKILL)
            let status = try folder.statusOfEnd()
            #expect(status.state == .stopped && status.reason == "the end of its launcher", "\(status)")
            #expect(try SavedSet(in: folder.out, ranks: 2).stepNumber == status.step)
        }

        /// It ends its ranks within two seconds, the first of which is the notice.
        @Test(arguments: wrappers)
        func terminationOfTheLauncherLosesNothing(wrapper: [String]) throws {
            let folder = try TestFolder()
            let running = try start(folder, wrapper)
            running.launcher.send(SIGTERM)
            _ = try running.wait()
            let status = try folder.statusOfEnd()
            #expect(status.state == .stopped, "\(status)")
            #expect(try SavedSet(in: folder.out, ranks: 2).stepNumber == status.step)
        }

        private func start(_ folder: TestFolder, _ wrapper: [String]) throws -> RunningMPI {
            var run = folder.training(ranks: 2, epochs: 100_000)
            let sharing = ["--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"]
            run.launcher = .command(
                ["mpirun", "-q", "-n", "2"] + sharing + wrapper + [MPIRun.path(of: "trainer")])
            let running = try run.start()
            try running.waitForAnEpoch()
            return running
        }
    }
}

extension TestFolder {
    /// What the run says at its end. Nobody tells of the end of a process that is no child.
    fileprivate func statusOfEnd() throws -> RunStatus {
        let begin = ContinuousClock.now
        while RunStatus.read(in: out)?.state != .stopped, begin.duration(to: .now) < .seconds(120) { usleep(10_000) }
        return try #require(RunStatus.read(in: out))
    }
}
