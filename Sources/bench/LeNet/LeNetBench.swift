import ArgumentParser
import Lockstep
import Terminal

/// `bench lenet`: the training step of LeNet-5 beside PyTorch and MindSpore, on one thread.
struct LeNetBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "lenet", abstract: "LeNet-5's training step beside PyTorch and MindSpore.",
        discussion: """
            Batch 32, Momentum, Float32. Lockstep and PyTorch use one thread; MindSpore, in graph mode, has the threads \
            that it chooses itself, with which it is fastest.
            """)

    @OptionGroup var options: RoundOptions

    func report() throws -> Report {
        let workload = Workload.lenet(samples: 32)
        let peers = try options.makePeers()
        let ours = try Stepper.ours(workload)
        let rivals = try peers.map { peers in
            [
                try Stepper.torch(workload, in: peers), try .torch(workload, compiled: true, in: peers),
                try .mindSpore(workload, in: peers),
            ]
        }
        let contest = try StepContest(
            of: [ours] + (rivals ?? []), rounds: options.roundCount, turnSeconds: options.turnSeconds)
        return report(of: contest)
    }

    private func report(of contest: StepContest) -> Report {
        var table = Table(
            "contestant", "ms a step", "samples/s", "Lockstep is × as fast", "CPU ms a step", "peak MiB")
        for (index, stepper) in contest.steppers.enumerated() {
            table.add(
                stepper.name, (1000 * contest.seconds(index)).rounded(digits: 3),
                (32 / contest.seconds(index)).rounded(digits: 0),
                index == 0 ? "" : contest.speed(of: 0, relativeTo: index).rounded(digits: 2),
                (1000 * contest.processorSeconds(index)).rounded(digits: 3),
                (Double(contest.peakByteCount(index)) / 1_048_576).rounded(digits: 0))
        }
        var report = Report(title: "LeNet-5 training step")
        report.notes = ["Batch 32, Momentum, Float32; medians of \(options.roundCount) rounds."]
        report.tables = [table]
        report.verdicts = [
            Verdict(
                what: "LeNet-5 step, batch 32", rival: "the better of PyTorch and MindSpore", target: .atLeast(2),
                value: contest.steppers.indices.dropFirst().map { contest.speed(of: 0, relativeTo: $0) }.min())
        ]
        return report
    }
}
