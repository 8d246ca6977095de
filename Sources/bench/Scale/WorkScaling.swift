import Lockstep
import Terminal

/// What a step of one rank costs against width, sequence and batch.
struct WorkScaling {
    let rounds: Int
    let turnSeconds: Double

    /// The standard GPT with other sizes.
    private static func work(width: Int = 256, length: Int = 128, samples: Int = 8) -> GPTWork {
        let sizes = GPTSizes(
            layers: 4, width: width, heads: 4, length: length, vocabulary: 256, dropout: 0)
        return GPTWork(sizes: sizes, samples: samples)
    }

    func tables() throws -> [Table] {
        [
            try table("width", [64, 128, 256, 512].map { ("\($0)", Self.work(width: $0)) }),
            try table(
                "sequence (1024 tokens a step)",
                [32, 64, 128, 256, 512].map { ("\($0)", Self.work(length: $0, samples: 1024 / $0)) }),
            try table("batch", [1, 2, 4, 8, 16].map { ("\($0)", Self.work(samples: $0)) }),
        ]
    }

    private func table(_ head: String, _ works: [(String, GPTWork)]) throws -> Table {
        var table = Table(
            head, "parameters", "GFLOP a step", "CPU ms a step", "CPU µs a token", "GFLOP/s", "peak MiB")
        for (name, work) in works {
            let stepper = try Stepper.ours(.gpt(work.sizes, samples: work.samples))
            let contest = try StepContest(of: [stepper], rounds: rounds, turnSeconds: turnSeconds)
            let seconds = contest.processorSeconds(0)
            table.add(
                name, "\(stepper.parameterCount)", (work.operations / 1e9).rounded(digits: 2),
                (1e3 * seconds).rounded(digits: 1),
                (1e6 * seconds / Double(work.tokens)).rounded(digits: 1),
                (work.operations / seconds / 1e9).rounded(digits: 1),
                (Double(contest.peakByteCount(0)) / 1_048_576).rounded(digits: 0))
        }
        return table
    }
}
