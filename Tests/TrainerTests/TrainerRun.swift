import Foundation
import Glibc
import MPITestKit
import Testing

/// A command line of the trainer, which can be given again and again.
struct TrainerRun {
    let ranks: Int
    var arguments: [String]
    var launcher = MPIRun.Launcher.mpirun
    var options: [String] = []
    var prefix: [String] = []
    var environment: [String: String] = [:]
    var otherRanks: [MPIRun.OtherRank] = []

    /// How a run ended that was asked to stop.
    struct Stop {
        let step: Int
        let reason: String

        /// The rank that was asked, as all ranks say.
        let rank: Int
    }

    func start() throws -> RunningMPI {
        let run = MPIRun(
            ranks: ranks, "trainer", arguments, environment: environment, launcher: launcher, options: options,
            prefix: prefix, otherRanks: otherRanks, limit: 120)
        return try run.start()
    }

    /// Runs to the end, which must be a good one, and returns what rank 0 printed.
    @discardableResult
    func finish() throws -> String {
        let outcome = try start().wait()
        try #require(outcome.exitCode == 0, "\(outcome)")
        return outcome.output
    }

    /// Starts, does something to the ranks once they train, and returns how they stopped.
    func stop(by act: (RunningMPI) throws -> Void) throws -> Stop {
        let running = try start()
        try running.waitForAnEpoch()
        try act(running)
        return try end(of: running)
    }

    /// Starts, sends a signal to one rank while rank 0 is paused before a step, and returns how all stopped after it.
    func stop(by signal: Int32, toRank rank: Int, inStep step: Int) throws -> Stop {
        let running = try pausing(beforeStep: step).start()
        try running.whilePaused { try running.process(ofRank: rank).send(signal) }
        return try end(of: running)
    }

    /// The same run, in which a rank pauses itself once, before a step, which the others cannot end without it: what is
    /// done to them then is done in that step, however fast or slow the machine is.
    func pausing(rank: Int = 0, beforeStep step: Int) -> TrainerRun {
        var run = self
        run.arguments += ["--drill", "sigstop@rank\(rank):step\(step)"]
        return run
    }

    /// How a run that was asked to stop did: all ranks after the same step, which one line says.
    func end(of running: RunningMPI) throws -> Stop {
        let outcome = try running.wait()
        try #require(outcome.exitCode == 0, "\(outcome)")
        return try stop(in: outcome)
    }

    /// How a run stopped, as one line of its output says.
    func stop(in outcome: MPIRunOutcome) throws -> Stop {
        let who = ranks == 1 ? "the rank" : "all \(ranks) ranks"
        let line = try Regex(
            "\(who) stopped after step ([0-9]+) of [0-9]+: (.+) asked rank ([0-9]+); the same command carries on\n",
            as: (Substring, Substring, Substring, Substring).self)
        let lines = outcome.output.matches(of: line)
        try #require(lines.count == 1, "\(outcome)")
        let (_, step, reason, rank) = lines[0].output
        return Stop(step: try #require(Int(step)), reason: String(reason), rank: try #require(Int(rank)))
    }
}

extension RunningMPI {
    /// Waits until a rank has paused itself, does something, and lets it go on.
    func whilePaused(rank: Int = 0, _ act: () throws -> Void) throws {
        let process = try process(ofRank: rank)
        try wait(until: "rank \(rank) paused") { process.isPaused }
        try act()
        process.send(SIGCONT)
    }

    /// Waits until one more epoch was made, from its begin to its end.
    func waitForAnEpoch() throws {
        let epochs = { self.output.components(separatedBy: "epoch ").count }
        let before = epochs()
        try wait(until: "an epoch was made") { epochs() > before + 1 }
    }
}
