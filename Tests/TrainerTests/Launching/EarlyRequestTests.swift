import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// What comes to `launch/run` before its ranks are there.
    @Suite struct EarlyRequestTests {
        /// A compiler with a child, which both take their time.
        private static let endless = "sleep 1000 & echo $! >child; wait"

        @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGQUIT])
        func requestWhileItBuildsEndsTheBuildAndStartsNothing(signal: Int32) throws {
            let checkout = try Checkout(building: Self.endless)
            try expectEnd(of: checkout, by: signal, prefix: [])
        }

        /// As of a program that a script starts with `&`, or a supervisor that blocks signals for itself.
        @Test(arguments: ["--ignore-signal=INT,QUIT", "--block-signal=INT,TERM"])
        func whatTheCallerIgnoresOrBlocksIsHeard(option: String) throws {
            try expectEnd(of: Checkout(building: Self.endless), by: SIGINT, prefix: ["env", option])
        }

        @Test(.enabled(if: TwoHosts.isAllowed, "process 1 is not tried: only root may make a namespace for it"))
        func firstProcessOfAContainerHears() throws {
            let checkout = try Checkout(building: Self.endless)
            try expectEnd(of: checkout, by: SIGTERM, prefix: ["unshare", "--pid", "--fork", "--mount-proc"])
        }

        /// Half of an installation would be worse than a late end.
        @Test func requestWhileItInstallsLetsTheInstallationEndAndBuildsNothing() throws {
            let checkout = try Checkout(building: "touch built")
            let commands = [
                ("dpkg-query", "exit 1"),
                (
                    "apt-get",
                    "trap 'echo told >\"$0.told\"' INT; touch \"$0.child\"; until [ -e \"$0.told\" ]; do sleep 0.01; done"
                ),
            ]
            for (name, script) in commands { try writeProgram("#!/bin/bash\n\(script)\n", to: url(checkout, name)) }
            let running = try MPIRun(
                ranks: 2, "trainer", environment: checkout.environment,
                launcher: .command([checkout.script("run"), "-n", "2"]), limit: 120
            ).start()
            let exists = { (name: String) in
                FileManager.default.fileExists(atPath: checkout.bin.appending(name).string)
            }
            try running.wait(until: "it installs") { exists("apt-get.child") }
            running.launcher.send(SIGTERM)
            let outcome = try running.wait(atMost: 60)
            #expect(outcome.exitCode == 128 + SIGTERM && exists("apt-get.told") && !exists("built"), "\(outcome)")
        }

        @Test func closedStreamsAreNoReasonToFail() throws {
            let checkout = try Checkout(building: Self.endless)
            try expectEnd(of: checkout, by: SIGTERM, prefix: ["bash", "-c", #"exec "$@" <&- >&- 2>&-"#, "bash"])
        }

        @Test func requestOfARunThatCanGoOnEndsWithTheCodeForThat() throws {
            let checkout = try Checkout(building: Self.endless)
            let running = try start(checkout, ["--", "train", "--requeue-exit-code", "85"])
            running.launcher.send(SIGTERM)
            #expect(try running.wait().exitCode == 85)
        }

        @Test(arguments: [0, 30, 150, 300])
        func requestBeforeTheRanksListenIsHandedOnOnceTheyDo(milliseconds: Int) throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 2, epochs: 10_000)
            run.launcher = .script
            let running = try run.start()
            // bash has set the handler by its first lines.
            try running.wait(until: "launch/run listens") { running.launcher.catches(SIGTERM) }
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1_000)
            running.launcher.send(SIGTERM)
            let stop = try run.end(of: running)
            try SavedSet(in: folder.out, ranks: 2).expect(stop)
        }

        private func expectEnd(of checkout: Checkout, by signal: Int32, prefix: [String]) throws {
            let running = try start(checkout, prefix: prefix)
            let child = try #require(Int32(String(contentsOf: url(checkout, "child"), encoding: .utf8).dropLast()))
            let isOwnNamespace = prefix.first == "unshare"
            let script = isOwnNamespace ? running.launcher.descendants.first : running.launcher
            try #require(script).send(signal)
            let outcome = try running.wait(atMost: 60)
            #expect(outcome.exitCode == 128 + signal, "\(outcome)")
            // In a namespace of its own, everything ends with its first process.
            #expect(isOwnNamespace || !isAlive(child), "what the compiler has started is still there")
        }

        /// A process that has ended may stay as a zombie for a while where it has lost its parent.
        private func isAlive(_ process: Int32) -> Bool {
            guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else {
                return false
            }
            return !status.contains("State:\tZ")
        }

        /// Starts it, and waits until it builds.
        private func start(
            _ checkout: Checkout, _ arguments: [String] = [], prefix: [String] = []
        ) throws -> RunningMPI {
            let run = MPIRun(
                ranks: 2, "trainer", arguments, environment: checkout.environment,
                launcher: .command([checkout.script("run"), "-n", "2"]), prefix: prefix, limit: 120)
            let running = try run.start()
            try running.wait(until: "it builds") {
                (try? String(contentsOf: url(checkout, "child"), encoding: .utf8))?.hasSuffix("\n") == true
            }
            return running
        }

        private func url(_ checkout: Checkout, _ name: String) -> URL {
            URL(filePath: checkout.bin.appending(name).string)
        }
    }
}
