import ArgumentParser
import Lockstep
import Terminal

/// `bench start`: how long it takes from the start of the processes to the end of their first training step.
struct StartBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "From the start of the processes to the end of the first step of LeNet-5.",
        discussion: """
            Lockstep by launch/run, as a user starts it. PyTorch by processes that are all started at once and meet over \
            gloo, which is faster than torchrun: that imports torch once more before it starts them.

            And how long after its exec a rank would still die of a request to stop; that needs the trainer beside bench.
            """)

    @OptionGroup var options: RoundOptions

    @Option(help: "How many ranks.")
    var ranks = 8

    func validate() throws { try checkCount("--ranks", ranks, atMost: RoundOptions.mostRanks) }

    func report() throws -> Report {
        let workload = Workload.lenet(samples: 32)
        let peers = try options.makePeers()
        var contestants = [
            {
                try Self.seconds {
                    let ours = try Stepper.ours(workload, ranks: ranks)
                    _ = try ours.makeSteps(1)
                    return ours
                }
            }
        ]
        // A peer is ready when it has made its first step.
        if let peers { contestants.append { try Self.seconds { try .torch(workload, ranks: ranks, in: peers) } } }
        // To start PyTorch eight times takes half a minute on two cores.
        let rounds = min(options.roundCount, 5)
        let measurement = try Measurement.inTurns(rounds: rounds, timing: contestants)
        var table = Table("contestant", "seconds", "share of PyTorch's")
        let share = peers.map { _ in median(measurement.times(of: 0, relativeTo: 1)) }
        table.add("Lockstep", measurement.medianSeconds(0).rounded(digits: 2), share?.rounded(digits: 2) ?? "")
        if peers != nil { table.add("PyTorch DDP over gloo", measurement.medianSeconds(1).rounded(digits: 2), "") }
        var report = Report(title: "Start to the end of the first step, \(ranks) ranks")
        report.notes = ["LeNet-5, batch 32 over all ranks; medians of \(rounds) rounds after one that does not count."]
        let windows = try SignalWindow.all.map { window in
            (window.name, try (0..<rounds).flatMap { _ in try window.measure(ranks: ranks) }.sorted())
        }
        report.tables = [table, Self.table(of: windows)]
        report.verdicts = [
            Verdict(
                what: "start to the end of the first step, LeNet-5, \(ranks) ranks", rival: "PyTorch and gloo",
                target: .atMost(0.25), value: share),
            Verdict(
                what: "milliseconds in which a rank dies of a request, as launch/run starts it", rival: "a fixed time",
                target: .atMost(5), value: windows.last.flatMap { $0.1.isEmpty ? nil : median($0.1) }),
        ]
        return report
    }

    private static func table(of windows: [(name: String, milliseconds: [Double])]) -> Table {
        var table = Table("from exec to the first handler", "ranks seen", "median ms", "90 % ms", "most ms")
        for (name, times) in windows where !times.isEmpty {
            table.add(
                name, "\(times.count)", median(times).rounded(digits: 1),
                times[times.count * 9 / 10].rounded(digits: 1), (times.last ?? 0).rounded(digits: 1))
        }
        return table
    }

    /// Until a step is made; that the processes end again is not part of it.
    private static func seconds(_ start: () throws -> Stepper) throws -> Double {
        let begin = ContinuousClock.now
        let stepper = try start()
        let duration = ContinuousClock.now - begin
        withExtendedLifetime(stepper) {}
        return duration / .seconds(1)
    }
}
