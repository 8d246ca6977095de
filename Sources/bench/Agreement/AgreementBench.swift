import ArgumentParser
import Lockstep
import Terminal

/// `bench agreement`: what the stop agreement adds to a training step.
struct AgreementBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "agreement", abstract: "What the stop agreement adds to a step of LeNet-5.",
        discussion: """
            The same processes make steps with the agreement and without it, in turns. Without it twice, so that the \
            difference between like and like shows the noise. The run is given a communicator that leaves the agreement \
            out; nothing in it knows. Time inside the call would be no measure: who waits there for a slower rank would \
            otherwise wait in the next reduction.
            """)

    @OptionGroup var options: RoundOptions

    @Option(parsing: .upToNextOption, help: "Numbers of ranks.")
    var ranks = [1, 2, 4, 8]

    func validate() throws {
        for count in ranks { try checkCount("--ranks", count, atMost: RoundOptions.mostRanks) }
    }

    func report() throws -> Report {
        var report = Report(title: "Stop agreement")
        report.notes = [
            "LeNet-5, batch 32 over all ranks; medians of \(options.roundCount) rounds. \"Noise\" is half the distance "
                + "between the quartiles of what a turn without the agreement takes, divided by the one beside it. With "
                + "more ranks than cores, ranks wait for their turn on a core, and the time is that of the scheduler."
        ]
        var table = Table(
            "ranks", "ms a step", "without", "with ÷ without", "noise", "µs in its calls", "CPU µs a rank and step")
        for count in ranks {
            let contest = try contest(ranks: count)
            let ratio = median(contest.slowness(of: 0, relativeTo: 1))
            let noise = spread(contest.slowness(of: 2, relativeTo: 1))
            table.add(
                "\(count)", (1e3 * contest.seconds(0)).rounded(digits: 3),
                (1e3 * contest.seconds(1)).rounded(digits: 3),
                ratio.rounded(digits: 3), "± " + noise.rounded(digits: 3),
                (1e6 * contest.median(0, \.agreementSeconds)).rounded(digits: 1),
                (1e6 * (contest.processorSeconds(0) - contest.processorSeconds(1))).rounded(digits: 1))
            report.verdicts.append(
                Verdict(
                    what: "stop agreement, \(count) rank\(count == 1 ? "" : "s"): time of a step",
                    rival: "the step without it, and its noise", target: .atMost(1 + noise), value: ratio))
        }
        report.tables = [table]
        return report
    }

    private func contest(ranks: Int) throws -> StepContest {
        let whole = try Stepper.ours(.lenet(samples: 32), ranks: ranks)
        let without = whole.stepping(.withoutAgreement)
        return try StepContest(
            of: [whole, without, without], rounds: options.roundCount, turnSeconds: options.turnSeconds)
    }
}
