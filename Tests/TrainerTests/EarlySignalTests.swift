import Foundation
import Glibc
import MPITestKit
import SystemPackage
import Testing
import Training

extension MPITests.TrainerTests {
    /// Signals from the exec of the program on, before its first line.
    @Suite struct EarlySignalTests {
        /// Whoever starts the program holds the signal back; exec keeps that, and the request with it.
        @Test(arguments: ["TERM", "INT", "HUP", "USR1"])
        func requestThatWasHeldBackOverExecStopsTheRun(signal: String) throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 1)
            run.launcher = .command(Self.asking(for: signal))
            let stop = try run.end(of: run.start())
            #expect(stop.step == 1 && stop.reason == "a signal", "\(stop)")
            try SavedSet(in: folder.out, ranks: 1).expect(stop)
        }

        /// By a library, whose initialisers run before those of the program and of Swift: tens of milliseconds before
        /// `main`.
        @Test func requestWhileLibrariesAreInitialisedStopsTheRun() throws {
            let folder = try TestFolder()
            try folder.write(
                """
                #include <signal.h>
                __attribute__((constructor)) static void ask(void) { raise(SIGTERM); }
                """, to: "ask.c")
            let library = folder.path.appending("ask.so").string
            try Self.compile(folder.path.appending("ask.c").string, to: library)
            var run = folder.training(ranks: 1)
            run.launcher = .command(["env", "LD_PRELOAD=\(library)", MPIRun.path(of: "trainer")])
            let stop = try run.end(of: run.start())
            #expect(stop.step == 1 && stop.reason == "a signal", "\(stop)")
        }

        /// What `nohup` has switched off stays so; a run in the background of a script is stopped by SIGINT all the same.
        @Test func onlyTheSignalOfTheTerminalsEndStaysSwitchedOff() throws {
            let folder = try TestFolder()
            var run = folder.training(ranks: 1, epochs: 100_000)
            run.launcher = .command(["env", "--ignore-signal=HUP,INT", MPIRun.path(of: "trainer")])
            let stop = try run.stop { running in
                #expect(!running.launcher.catches(SIGHUP) && running.launcher.catches(SIGINT))
                running.launcher.send(SIGHUP)
                try running.waitForAnEpoch()
                running.launcher.send(SIGINT)
            }
            #expect(stop.reason == "a signal", "\(stop)")
        }

        /// A command that does not listen, and waits for nothing that could be finished.
        @Test func commandThatDoesNotListenDiesOfTheSignal() throws {
            let folder = try TestFolder()
            let run = TrainerRun(
                ranks: 1, arguments: ["stop", folder.out.string], launcher: .command(Self.asking(for: "TERM")))
            #expect(try run.start().wait().exitCode == 128 + SIGTERM)
        }

        /// A shell that holds a signal back, sends it to itself, and becomes the trainer.
        private static func asking(for signal: String) -> [String] {
            let shell = "kill -\(signal) $$; exec \"$0\" \"$@\""
            return ["env", "--block-signal=\(signal)", "sh", "-c", shell, MPIRun.path(of: "trainer")]
        }

        private static func compile(_ source: String, to library: String) throws {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            // Swift comes with it.
            process.arguments = ["clang", "-shared", "-fPIC", "-o", library, source]
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }
    }
}
