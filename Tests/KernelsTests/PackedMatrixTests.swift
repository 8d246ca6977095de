import Kernels
import LayerKernels
import Testing

@Suite struct PackedMatrixTests {
    /// A matrix that is packed once gives the bits of a product that packs by itself.
    @Test(
        arguments: [
            (1, 1, 1), (3, 17, 5), (16, 1024, 256), (16, 256, 1024), (13, 33, 300), (0, 4, 4), (4, 0, 4), (2, 3, 0),
        ],
        [false, true])
    func productsHaveTheBitsOfOthers(sizes: (m: Int, n: Int, k: Int), transposed: Bool) {
        let (m, n, k) = (sizes.m, sizes.n, sizes.k)
        let (a, b, start) = (randomValues(m * k), randomValues(k * n, seed: 2), randomValues(m * n, seed: 3))
        let matrix = PackedMatrix(k: k, n: n)
        let packed = written(matrix.packedCount) { matrix.pack(b.span, transposed: transposed, into: &$0) }
        for accumulate in [false, true] {
            var expected = start
            var expectedSpan = expected.mutableSpan
            matrixMultiply(
                a.span, b.span, into: &expectedSpan, m: m, n: n, k: k, transposeB: transposed, accumulate: accumulate,
                pool: ThreadPool(threads: 1))
            for threads in [1, 3] {
                var actual = start
                var span = actual.mutableSpan
                matrix.multiply(
                    a.span, packed.span, into: &span, m: m, accumulate: accumulate, pool: ThreadPool(threads: threads))
                #expect(isSame(actual, expected))
            }
        }
    }
}
