import ArgumentParser
import Lockstep

/// `bench scale`: what a step and a checkpoint cost against the work, and what a model makes of that for 1,000 ranks.
struct ScaleBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Cost against work: width, sequence, batch, ranks, checkpoint size.",
        discussion: """
            Costs are processor time and bytes, not time on the clock: there may be more ranks than cores. These are the \
            tables of the page "How it scales".
            """)

    @OptionGroup var options: RoundOptions

    @Option(help: "The most ranks to start.")
    var ranks = 8

    @Option(help: "What the network is taken to carry between two hosts of the model, in Gbit/s.")
    var gigabits = 25.0

    @Option(
        help:
            "How long the smallest message is taken to travel between two hosts of the model, in microseconds."
    )
    var latency = 20.0

    @Option(
        help:
            "By how many percent of its time a rank's step is taken to vary in the model (the deviation)."
    )
    var jitter = 1.0

    @Option(help: "Where checkpoints are saved to and loaded from.")
    var directory = "/dev/shm"

    func validate() throws {
        guard (2...RoundOptions.mostRanks).contains(ranks) else {
            throw ValidationError("--ranks is \(ranks); it must be from 2 to \(RoundOptions.mostRanks)")
        }
        for (name, value) in [("--gigabits", gigabits), ("--latency", latency)] where !(1e-9...1e9).contains(value) {
            throw ValidationError("\(name) is \(value); it must be from 1e-9 to 1e9")
        }
        guard (0...1e6).contains(jitter) else {
            throw ValidationError("--jitter is \(jitter); it must be from 0 to 1e6")
        }
    }

    func report() throws -> Report {
        let work = WorkScaling(rounds: rounds, turnSeconds: turnSeconds)
        let checkpoints = try CheckpointScaling(in: directory, rounds: rounds)
        let group = try RankScaling(upTo: ranks, rounds: rounds, turnSeconds: turnSeconds)
        var report = Report(title: "How it scales")
        report.notes = [
            "GPT with 4 layers and 4 heads, AdamW; where a table does not say otherwise width 256, sequence 128, batch 8 "
                + "a rank. Medians of \(rounds) rounds; \(Machine.description)"
        ]
        report.tables = try work.tables() + [group.table, checkpoints.table()]
        let network = ScaleModel.Network(
            bytesPerSecond: gigabits * 1e9 / 8, latency: latency / 1e6, jitter: jitter / 100)
        report.tables += [group.model.comparison(with: group), group.model.prediction(over: network)]
        return report
    }

    // Processor time varies less than time on the clock: few and short rounds will do.
    private var rounds: Int { options.rounds ?? 3 }
    private var turnSeconds: Double { options.quick ? 0.5 : 1 }
}
