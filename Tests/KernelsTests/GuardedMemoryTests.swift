import Glibc
import Kernels
import LayerKernels
import Testing

/// Kernels read whole lanes, but nothing behind the arrays they are given: there may be no memory.
@Suite struct GuardedMemoryTests {
    @Test(
        arguments: ConvolutionTests.geometries + ConvolutionTests.wideGeometries + ConvolutionTests.filteredGeometries)
    func convolutionsReadNothingBehindTheirArrays(geometry: ConvolutionGeometry) {
        let values = ConvolutionTests.Case(geometry)
        let (input, weight) = (GuardedFloats(values.input), GuardedFloats(values.weight))
        let gradient = GuardedFloats(values.gradient)
        let pool = ThreadPool(threads: 2)
        let results = [
            written(geometry.outputCount) {
                unsafe convolve2D(
                    Span(_unsafeElements: input.values), weight: Span(_unsafeElements: weight.values), into: &$0,
                    geometry: geometry, pool: pool)
            },
            written(geometry.inputCount) {
                unsafe convolve2DInputGradient(
                    Span(_unsafeElements: gradient.values), weight: Span(_unsafeElements: weight.values), into: &$0,
                    geometry: geometry, pool: pool)
            },
            written(geometry.weightCount) {
                unsafe convolve2DWeightGradient(
                    Span(_unsafeElements: input.values), outputGradient: Span(_unsafeElements: gradient.values),
                    into: &$0, geometry: geometry, pool: pool)
            },
        ]
        for (found, expected) in zip(results, values.results(threads: 2)) { #expect(isSame(found, expected)) }
    }

    /// Without masks a tile sums 6 or 12 rows, however many A has.
    @Test(arguments: 1...26, [(1, 1), (33, 5), (64, 300)])
    func packedProductsReadNothingBehindTheirArrays(m: Int, sizes: (n: Int, k: Int)) {
        let (n, k) = sizes
        let (left, right) = (randomValues(m * k), randomValues(k * n, seed: 2))
        let (a, b) = (GuardedFloats(left), GuardedFloats(right))
        let matrix = PackedMatrix(k: k, n: n)
        let packed = GuardedFloats(
            written(matrix.packedCount) { unsafe matrix.pack(Span(_unsafeElements: b.values), into: &$0) })
        let pool = ThreadPool(threads: 2)
        let found = written(m * n) {
            unsafe matrix.multiply(
                Span(_unsafeElements: a.values), Span(_unsafeElements: packed.values), into: &$0, m: m, pool: pool)
        }
        let expected = written(m * n) {
            matrixMultiply(left.span, right.span, into: &$0, m: m, n: n, k: k, pool: pool)
        }
        #expect(isSame(found, expected))
    }
}

/// Numbers at the end of a page, behind which one lies that nobody may read: who does is ended by the system.
@safe private final class GuardedFloats {
    private let pages: UnsafeMutableRawPointer
    private let byteCount: Int
    let values: UnsafeBufferPointer<Float>

    init(_ values: [Float]) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = MemoryLayout<Float>.stride * values.count
        let usable = (size + page - 1) / page * page
        byteCount = usable + page
        let found = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let pages = unsafe found, unsafe pages != MAP_FAILED,
            unsafe mprotect(pages + usable, page, PROT_NONE) == 0
        else { fatalError("there is no memory to guard") }
        unsafe self.pages = pages
        let first = unsafe (pages + usable - size).bindMemory(to: Float.self, capacity: values.count)
        for (index, value) in values.enumerated() { unsafe first[index] = value }
        unsafe self.values = UnsafeBufferPointer(start: first, count: values.count)
    }

    deinit {
        unsafe munmap(pages, byteCount)
    }
}
