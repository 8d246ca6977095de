import Lockstep
import Terminal

/// What came out of `bench gpt`: contestants 0, 1 and 2 are ours in the three places, then come the rivals in each.
struct GPTStandings {
    private let contest: StepContest
    private let rivals: [Range<Int>]

    init(_ contest: StepContest, rivalsOfPlaces counts: [Int]) {
        self.contest = contest
        var next = counts.count
        rivals = counts.map { count in
            defer { next += count }
            return next..<next + count
        }
    }

    private var work: GPTWork {
        guard case .gpt(let sizes, let samples) = Workload.standardGPT else { fatalError("the GPT is no GPT") }
        return GPTWork(sizes: sizes, samples: samples)
    }

    func report(places: [String], rounds: Int) -> Report {
        let gigaflops = [0, 1].map { MatmulPeak.operations / contest.seconds(contest.steppers.count + $0) / 1e9 }
        var report = Report(title: "GPT training step")
        report.notes = [
            "4 layers, width 256, 4 heads, sequence 128, vocabulary 256, batch 8 over all ranks, AdamW, no dropout, "
                + "Float32; \(contest.steppers[0].parameterCount) parameters. Medians of \(rounds) rounds. A step has "
                + "\((work.operations / 1e9).rounded(digits: 2)) GFLOP of matrix products; the fastest matrix product "
                + "of 1024×1024 (ours or OpenBLAS's) ran at \(gigaflops[0].rounded(digits: 1)) GFLOP/s on one thread "
                + "and \(gigaflops[1].rounded(digits: 1)) on two."
        ]
        report.tables = [table(peaks: gigaflops)]
        report.verdicts = verdicts(places: places, peak: gigaflops[0])
        return report
    }

    private func table(peaks: [Double]) -> Table {
        var table = Table(
            "contestant", "tokens/s", "Lockstep is × as fast", "% of the peak", "CPU ms a step of rank 0", "peak MiB")
        for place in rivals.indices {
            for contestant in [place] + rivals[place] {
                let speed = contest.speed(of: place, relativeTo: contestant)
                table.add(
                    contest.steppers[contestant].name, tokensPerSecond(contestant).rounded(digits: 0),
                    contestant == place ? "" : speed.rounded(digits: 2),
                    (100 * share(of: peaks[min(place, 1)], contestant)).rounded(digits: 0),
                    (1000 * contest.processorSeconds(contestant)).rounded(digits: 1),
                    (Double(contest.peakByteCount(contestant)) / 1_048_576).rounded(digits: 0))
            }
        }
        return table
    }

    private func verdicts(places: [String], peak: Double) -> [Verdict] {
        let names = ["PyTorch, the better of eager and compiled", "the same with 2 threads", "DDP over gloo"]
        var verdicts = places.indices.map { place in
            Verdict(
                what: "GPT step, \(places[place])", rival: names[place], target: .atLeast(1.2),
                value: rivals[place].map { contest.speed(of: place, relativeTo: $0) }.min())
        }
        verdicts.insert(
            Verdict(
                what: "GPT step, share of the matrix-multiply peak", rival: "the fastest product, 1 thread",
                target: .atLeast(0.8), value: share(of: peak, 0)), at: 1)
        verdicts.append(
            Verdict(
                what: "GPT step, scaling from 1 to 2 ranks", rival: "twice the speed of 1 rank", target: .atLeast(0.9),
                value: contest.speed(of: 2, relativeTo: 0) / 2))
        verdicts.append(
            Verdict(
                what: "GPT step, memory of a process", rival: "PyTorch, the smallest process", target: .atMost(0.5),
                value: rivals[0].map { ratio(contest.peakByteCount(0), contest.peakByteCount($0)) }.max()))
        return verdicts
    }

    private func tokensPerSecond(_ contestant: Int) -> Double { Double(work.tokens) / contest.seconds(contestant) }

    private func share(of gigaflops: Double, _ contestant: Int) -> Double {
        work.operations / contest.seconds(contestant) / 1e9 / gigaflops
    }

    private func ratio(_ ours: Int, _ theirs: Int) -> Double { Double(ours) / Double(theirs) }
}
