import Foundation
import Glibc
import MPITestKit
import Testing

extension MPITests.TrainerTests {
    /// Ranks on two hosts, which share nothing but files: a request to one of them reaches the other.
    @Suite(.enabled(if: TwoHosts.isAllowed, "two hosts are not tried: only root may make them, with iproute2"))
    struct TwoHostsTests {
        @Test func signalToARankOnTheSecondHostStopsAllRanks() throws {
            let (folder, hosts) = try (TestFolder(), TwoHosts(slots: 2))
            let run = folder.training(ranks: 4, epochs: 10_000).on(hosts)
            let stop = try run.stop { running in
                let rank = try running.process(ofRank: 3)
                #expect(try hosts.host(of: rank.identifier) == "lockstep-b")
                #expect(try hosts.host(of: running.process(ofRank: 0).identifier) == "lockstep-a")
                rank.send(SIGTERM)
            }
            #expect(stop.rank == 3 && stop.reason == "a signal", "\(stop)")
            try SavedSet(in: folder.out, ranks: 4).expect(stop)
            #expect(leftovers(in: folder.out) == [])
        }

        @Test func signalToTheLaunchScriptReachesBothHosts() throws {
            let (folder, hosts) = try (TestFolder(), TwoHosts(slots: 1))
            var run = folder.training(ranks: 2, epochs: 10_000).on(hosts)
            run.launcher = .script
            let stop = try run.stop { $0.launcher.send(SIGTERM) }
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        @Test(arguments: [0, 400, 800])
        func earlySignalToTheLaunchScriptWaitsForTheRanksOfBothHosts(milliseconds: Int) throws {
            let (folder, hosts) = try (TestFolder(), TwoHosts(slots: 1))
            var run = folder.training(ranks: 2, epochs: 10_000, ["--stop-signal", "TERM"]).on(hosts)
            run.launcher = .script
            let running = try run.start()
            try running.wait(until: "mpirun is there") { !running.launcher.descendants.isEmpty }
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1_000)
            running.launcher.send(SIGINT)
            let stop = try run.end(of: running)
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        @Test func commandThatReachesTheHostsAndIsMissingIsNamed() throws {
            let (folder, hosts) = try (TestFolder(), TwoHosts(slots: 1))
            var run = folder.training(ranks: 2).on(hosts)
            run.launcher = .script
            run.environment["OMPI_MCA_plm_rsh_agent"] = "nosuchssh : norsh"
            let outcome = try run.start().wait()
            #expect(outcome.exitCode == 1, "\(outcome)")
            let sentence = "launch/run: there is no norsh, by which mpirun reaches \(TwoHosts.secondAddress): "
            #expect(outcome.errors.hasPrefix(sentence), "\(outcome)")
        }
    }
}

extension TrainerRun {
    /// The same run, on two hosts.
    func on(_ hosts: TwoHosts) -> TrainerRun {
        var run = self
        run.options += ["--hostfile", hosts.hostFile]
        run.prefix = hosts.prefix
        run.environment = hosts.environment
        return run
    }
}
