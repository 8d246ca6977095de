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
        try running.wait(until: "an epoch was made") { running.output.contains("epoch ") }
        try act(running)
        return try end(of: running)
    }

    /// The same with a signal to one rank.
    func stop(by signal: Int32, toRank rank: Int) throws -> Stop {
        try stop { try $0.process(ofRank: rank).send(signal) }
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
