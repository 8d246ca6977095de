import ArgumentParser
import COpenBLAS
import Kernels
import Memory

/// `bench matmul`: square matrix products beside OpenBLAS's SGEMM, on one thread.
struct MatmulBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matmul", abstract: "Matrix multiply beside OpenBLAS, on one thread.")

    @Option(parsing: .upToNextOption, help: "The sizes N of the N×N matrices.")
    var sizes = [256, 512, 1024, 2048]

    @Option(help: "How often the two take turns.")
    var rounds = 15

    func validate() throws {
        guard sizes.allSatisfy({ (1...16384).contains($0) }) else {
            throw ValidationError("a size must be between 1 and 16384: \(sizes)")
        }
        guard rounds >= 1 else { throw ValidationError("--rounds must be at least 1, not \(rounds)") }
    }

    func run() {
        openblas_set_num_threads(1)
        print("Kernels built for \(Processor.builtFor); one thread; medians of \(rounds) rounds.\n")
        var table = Table("N", "form", "ours GFLOP/s", "OpenBLAS GFLOP/s", "ratio")
        for size in sizes {
            let contest = MatmulContest(size: size)
            for form in MatmulForm.allCases {
                let (ours, theirs, ratio) = contest.run(form, rounds: rounds)
                table.add(
                    "\(size)", form.rawValue, ours.rounded(digits: 1), theirs.rounded(digits: 1),
                    ratio.rounded(digits: 2))
            }
        }
        print(table)
    }
}

/// Which of the two matrices is stored transposed.
private enum MatmulForm: String, CaseIterable {
    case plain = "A·B"
    case leftTransposed = "Aᵀ·B"
    case rightTransposed = "A·Bᵀ"
    case bothTransposed = "Aᵀ·Bᵀ"

    var transposeA: Bool { self == .leftTransposed || self == .bothTransposed }
    var transposeB: Bool { self == .rightTransposed || self == .bothTransposed }
}

/// The matrices of one size, and both ways to multiply them.
private struct MatmulContest {
    private let size: Int
    private let a: Slice<Float>
    private let b: Slice<Float>
    private let c: Slice<Float>
    private let pool = ThreadPool(threads: 1)

    init(size: Int) {
        self.size = size
        a = Self.matrix(size, seed: 1)
        b = Self.matrix(size, seed: 2)
        c = Slice(zeros: size * size)
    }

    private static func matrix(_ size: Int, seed: Int) -> Slice<Float> {
        let slice = Slice<Float>(zeros: size * size)
        var values = slice.mutableSpan
        for index in values.indices { values[index] = Float((index * 7919 + seed) % 1009) / 1009 - 0.5 }
        return slice
    }

    func run(_ form: MatmulForm, rounds: Int) -> (ours: Double, theirs: Double, ratio: Double) {
        let measurement = Measurement.inTurns(rounds: rounds, [{ ours(form) }, { theirs(form) }])
        let operations = 2 * Double(size) * Double(size) * Double(size) / 1e9
        return (
            operations / measurement.medianSeconds(0), operations / measurement.medianSeconds(1),
            measurement.medianSpeed(of: 0, relativeTo: 1)
        )
    }

    private func ours(_ form: MatmulForm) {
        var result = c.mutableSpan
        matrixMultiply(
            a.span, b.span, into: &result, m: size, n: size, k: size,
            transposeA: form.transposeA, transposeB: form.transposeB, pool: pool)
    }

    private func theirs(_ form: MatmulForm) {
        let count = blasint(size)
        unsafe cblas_sgemm(
            CblasRowMajor, form.transposeA ? CblasTrans : CblasNoTrans, form.transposeB ? CblasTrans : CblasNoTrans,
            count, count, count, 1, a.pointer, count, b.pointer, count, 0, c.pointer, count)
    }
}
