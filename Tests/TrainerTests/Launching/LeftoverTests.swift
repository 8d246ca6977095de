import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// What a killed mpirun leaves behind in the temporary folder and in shared memory.
    @Suite struct LeftoverTests {
        @Test func leftoversOfAKilledLauncherAreRemovedAtTheNextStart() throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 2, epochs: 10_000)
            run.launcher = .script
            let running = try run.start()
            try running.waitForAnEpoch()
            let all = running.launcher.descendants
            let mpirun = try #require(all.first)
            let session = try #require(sessions().first { $0.hasSuffix("/pid.\(mpirun.identifier)") })
            let memory = segments(of: session)
            #expect(!memory.isEmpty)
            for process in [running.launcher] + all { process.send(SIGKILL) }
            _ = try running.wait()
            #expect(sessions().contains(session))
            run.arguments[run.arguments.firstIndex(of: "10000")!] = "1"
            try run.finish()
            #expect(!sessions().contains(session))
            #expect(memory.filter { FileManager.default.fileExists(atPath: $0) } == [])
        }

        @Test func sessionOfARunThatGoesOnIsLeftAlone() throws {
            let folder = try TestFolder()
            let running = try folder.training(ranks: 2, epochs: 10_000).start()
            try running.waitForAnEpoch()
            let before = sessions().filter { $0.hasSuffix("/pid.\(running.launcher.identifier)") }
            let cleaner = try MPIRun(
                ranks: 1, "trainer", launcher: .command(["sh", Checkout.path(of: "launch/on-host/leftovers")]),
                limit: 60
            ).run()
            #expect(cleaner.exitCode == 0 && cleaner.errors.isEmpty, "\(cleaner)")
            #expect(before.count == 1 && sessions().contains(before[0]) && !segments(of: before[0]).isEmpty)
        }

        /// The folders of mpiruns of this user.
        private func sessions() -> [String] {
            let folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
            return folders(in: folder).filter { $0.contains("/ompi.") }.flatMap(folders(in:))
        }

        /// The shared memory of the ranks of one.
        private func segments(of session: String) -> [String] {
            let contact = try? String(contentsOf: URL(filePath: session + "/contact.txt"), encoding: .utf8)
            guard let job = contact?.prefix(while: \.isNumber), let number = UInt32(job) else { return [] }
            return folders(in: "/dev/shm").filter { $0.contains(".\(String(number >> 16, radix: 16))0001.") }
        }

        private func folders(in folder: String) -> [String] {
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
            return (names ?? []).map { "\(folder)/\($0)" }
        }
    }
}
