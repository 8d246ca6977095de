import ArgumentParser
import Lockstep
import Terminal

/// `bench allreduce`: how much of the gradients' reduction a step waits for.
struct AllReduceBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "allreduce", abstract: "How much of the gradients' reduction is not hidden behind other work.",
        discussion: """
            Exposed is what a step takes longer than one without any reduction: the processor time that messages cost \
            as well as the time that nothing else is done; beside it stands what MPI_Allreduce takes for the same \
            messages when nothing else is done. The time inside the calls that start, move and await reductions is \
            more, for in it the faster rank also waits for the slower; without a reduction it does so in the stop \
            agreement. How long that is show steps whose ranks only meet where they would await the gradients.
            """)

    @OptionGroup var options: RoundOptions

    @Option(help: "How many ranks.")
    var ranks = 2

    @Option(help: "Start the ranks on the hosts of this file, as launch/run does.")
    var hostfile: String?

    func validate() throws { try checkCount("--ranks", ranks, atMost: RoundOptions.mostRanks) }

    func report() throws -> Report {
        var report = Report(title: "All-reduce of the gradients, \(ranks) ranks")
        report.notes = [
            "Means over the ranks, medians of \(options.roundCount) rounds, milliseconds a step. LeNet-5 "
                + "has one message, which is complete when the backward pass is: nothing can hide it."
        ]
        var table = Table(
            "network", "MB", "step", "without reduction", "MPI_Allreduce alone", "exposed", "% exposed", "in its calls",
            "waiting for the slower rank")
        for (name, workload) in [("GPT", Workload.standardGPT), ("LeNet-5", .lenet(samples: 32))] {
            let ours = try Stepper.ours(workload, ranks: ranks, hostFile: hostfile)
            let manners: [StepQuestion.Manner] = [.whole, .withoutReduction, .reductionAlone, .meeting]
            let contest = try StepContest(
                of: manners.map(ours.stepping), rounds: options.roundCount, turnSeconds: options.turnSeconds)
            let alone = contest.seconds(2)
            let exposed = contest.seconds(1) * (median(contest.slowness(of: 0, relativeTo: 1)) - 1)
            table.add(
                name, (Double(contest.messageByteCount(0)) / 1e6).rounded(digits: 2), milliseconds(contest.seconds(0)),
                milliseconds(contest.seconds(1)), milliseconds(alone), milliseconds(exposed),
                (100 * exposed / alone).rounded(digits: 0), milliseconds(contest.median(0, \.gradientSeconds)),
                milliseconds(contest.median(3, \.gradientSeconds)))
            report.verdicts.append(
                Verdict(
                    what: "gradients of \(name), exposed share of the reduction",
                    rival: "MPI_Allreduce of the same bytes alone", target: .atMost(0.2), value: exposed / alone))
        }
        report.tables = [table]
        return report
    }

    private func milliseconds(_ seconds: Double) -> String { (1e3 * seconds).rounded(digits: 3) }
}
