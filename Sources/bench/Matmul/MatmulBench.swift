import ArgumentParser
import COpenBLAS
import Foundation
import Kernels
import Terminal

/// `bench matmul`: matrix products beside OpenBLAS's and PyTorch's, on one thread.
struct MatmulBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "matmul", abstract: "Matrix products beside OpenBLAS's and PyTorch's, on one thread.")

    @OptionGroup var options: RoundOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("The sizes N of N×N matrices. (default: 128…4096, or 128…1024 with --quick)"))
    var sizes: [Int] = []

    func validate() throws {
        guard sizes.allSatisfy({ (1...16384).contains($0) }) else {
            throw ValidationError("a size must be between 1 and 16384: \(sizes)")
        }
    }

    func report() throws -> Report {
        openblas_set_num_threads(1)
        let pool = ThreadPool(threads: 1)
        let torch = try options.makePeers()?.start("PyTorch", "matmul_torch.py", [])
        var report = Report(title: "Matrix multiply")
        report.notes = [
            "One thread, kernels built for \(Processor.builtFor); processor time, medians of \(options.roundCount) "
                + "rounds. A ratio is ours to the better of the others."
        ]
        for (what, shapes) in [
            ("N×N", chosenSizes.flatMap { ProductShape.square($0) }), ("GPT's shapes", ProductShape.gpt),
            ("LeNet-5's shapes", ProductShape.lenet),
        ] {
            var standings = ProductStandings(what: what, hasTorch: torch != nil)
            for shape in shapes {
                standings.add(
                    shape, try ProductContest(shape, pool: pool, torch: torch).run(rounds: options.roundCount))
            }
            report.tables.append(standings.table)
            report.verdicts += standings.verdicts
        }
        return report
    }

    private var chosenSizes: [Int] {
        guard sizes.isEmpty else { return sizes }
        return [128, 256, 512, 1024] + (options.quick ? [] : [2048, 4096])
    }
}

/// What came out for a group of products.
private struct ProductStandings {
    let what: String
    private(set) var table: Table
    private var ratios: [Double] = []
    private let hasTorch: Bool

    init(what: String, hasTorch: Bool) {
        self.what = what
        self.hasTorch = hasTorch
        table = Table(what, "ours GFLOP/s", "OpenBLAS", "PyTorch", "ratio")
    }

    mutating func add(_ shape: ProductShape, _ measurement: Measurement) {
        let rivals = hasTorch ? [1, 2] : [1]
        let ratio = rivals.map { measurement.medianSpeed(of: 0, relativeTo: $0) }.min() ?? 0
        ratios.append(ratio)
        let speeds = (0...2).map { contestant in
            contestant == 0 || rivals.contains(contestant)
                ? (shape.operations / measurement.medianSeconds(contestant) / 1e9).rounded(digits: 1) : "–"
        }
        table.add(shape.description, speeds[0], speeds[1], speeds[2], ratio.rounded(digits: 2))
    }

    var verdicts: [Verdict] {
        let rival = hasTorch ? "the better of OpenBLAS and PyTorch" : "OpenBLAS"
        let mean = exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
        return [("the lowest", ratios.min()), ("the geometric mean", mean)].map { kind, value in
            Verdict(what: "matrix multiply, \(what), \(kind)", rival: rival, target: .atLeast(1), value: value)
        }
    }
}
