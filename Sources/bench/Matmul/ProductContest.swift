import COpenBLAS
import Kernels
import Memory

/// The ways to compute one matrix product on one thread: ours, OpenBLAS's, and PyTorch's if it is there.
///
/// Times are processor time: of one thread that waits for nobody it is the time on the clock, less what the machine gave to
/// others.
final class ProductContest {
    private let shape: ProductShape
    private let a: Slice<Float>
    private let b: Slice<Float>
    private let c: Slice<Float>
    private let torch: LineProcess?
    private let pool: ThreadPool

    init(_ shape: ProductShape, pool: ThreadPool, torch: LineProcess?) {
        self.shape = shape
        self.pool = pool
        self.torch = torch
        a = Self.matrix(shape.m * shape.k, seed: 1)
        b = Self.matrix(shape.k * shape.n, seed: 2)
        c = Slice(zeros: shape.m * shape.n)
    }

    private static func matrix(_ count: Int, seed: Int) -> Slice<Float> {
        let slice = Slice<Float>(zeros: count)
        var values = slice.mutableSpan
        for index in values.indices { values[index] = Float((index * 7919 + seed) % 1009) / 1009 - 0.5 }
        return slice
    }

    /// Lets all take turns, each turn as many calls as take about 20 ms.
    func run(rounds: Int) throws -> Measurement {
        let calls = max(1, Int(2e9 / shape.operations))
        var contestants: [() throws -> Double] = [
            { [self] in Self.seconds(calls, ours) }, { [self] in Self.seconds(calls, openBLAS) },
        ]
        if let torch { contestants.append { [self] in try seconds(calls, torch) } }
        return try .inTurns(rounds: rounds, timing: contestants)
    }

    private static func seconds(_ calls: Int, _ product: () -> Void) -> Double {
        let start = ProcessorClock.seconds
        for _ in 0..<calls { product() }
        return (ProcessorClock.seconds - start) / Double(calls)
    }

    private func seconds(_ calls: Int, _ torch: LineProcess) throws -> Double {
        let form = (shape.transposeA ? "A" : "") + (shape.transposeB ? "B" : "")
        let question = ["\(shape.m)", "\(shape.n)", "\(shape.k)", form.isEmpty ? "plain" : form, "\(calls)"]
        let answer = try torch.ask(question)
        guard let seconds = answer.first.flatMap({ Double($0) }) else {
            throw LineProcessError(name: "PyTorch", question: "\(question)", reason: "its answer is \(answer)")
        }
        return seconds
    }

    private func ours() {
        let (a, b, c, shape) = (a, b, c, shape)
        var result = c.mutableSpan
        matrixMultiply(
            a.span, b.span, into: &result, m: shape.m, n: shape.n, k: shape.k,
            transposeA: shape.transposeA, transposeB: shape.transposeB, pool: pool)
    }

    private func openBLAS() {
        let (m, n, k) = (blasint(shape.m), blasint(shape.n), blasint(shape.k))
        unsafe cblas_sgemm(
            CblasRowMajor, shape.transposeA ? CblasTrans : CblasNoTrans, shape.transposeB ? CblasTrans : CblasNoTrans,
            m, n, k, 1, a.pointer, shape.transposeA ? m : k, b.pointer, shape.transposeB ? k : n, 0, c.pointer, n)
    }
}
