import COpenBLAS
import Kernels
import Memory

/// The fastest matrix product of this machine: one of 1024×1024, ours or OpenBLAS's.
final class MatmulPeak {
    /// Floating-point operations of the product.
    static let operations = 2.0 * Double(size * size * size)

    private static let size = 1024
    private let a = Slice<Float>(zeros: size * size)
    private let b = Slice<Float>(zeros: size * size)
    private let c = Slice<Float>(zeros: size * size)
    private let pool: ThreadPool
    private let threads: Int

    init(threads: Int) {
        self.threads = threads
        pool = ThreadPool(threads: threads)
        for (slice, value) in [(a, Float(0.5)), (b, 0.25)] {
            var values = slice.mutableSpan
            fill(&values, with: value)
        }
    }

    /// The seconds of the faster of the two; each is done a few times.
    func seconds() -> Double {
        min(Self.seconds(of: ours), Self.seconds(of: openBLAS))
    }

    private static func seconds(of product: () -> Void) -> Double {
        let times = 8
        let duration = ContinuousClock().measure { for _ in 0..<times { product() } }
        return duration / .seconds(1) / Double(times)
    }

    private func ours() {
        let (a, b, c, size) = (a, b, c, Self.size)
        var result = c.mutableSpan
        matrixMultiply(a.span, b.span, into: &result, m: size, n: size, k: size, pool: pool)
    }

    private func openBLAS() {
        let size = blasint(Self.size)
        openblas_set_num_threads(Int32(threads))
        unsafe cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, a.pointer, size, b.pointer, size, 0,
            c.pointer, size)
    }
}
