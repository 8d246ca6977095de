package import Kernels
public import Memory
public import Tensors

/// The tensors that a kernel reads and writes, and the threads that it runs on.
///
/// A kernel takes its operands apart once, and captures what it needs: ``Slice`` values, which give a `Span` or a
/// `MutableSpan` in each step, and sizes.
public struct Operands {
    /// The inputs, in order.
    public let inputs: [Tensor]

    /// The results, in order. What they hold when a kernel begins is arbitrary.
    public let results: [Tensor]

    /// The ``Operation/scratchCount(inputs:results:)`` numbers of the kernel alone. What they hold when it begins is arbitrary.
    public let scratch: Slice<Float>

    package let pool: ThreadPool

    package init(inputs: [Tensor], results: [Tensor], scratch: Slice<Float>, pool: ThreadPool) {
        self.inputs = inputs
        self.results = results
        self.scratch = scratch
        self.pool = pool
    }

    /// The shape of the first input.
    public var shape: Shape { inputs[0].shape }

    /// Dimension 0 of the first input, and everything behind it.
    public var rowsAndColumns: (rows: Int, columns: Int) {
        (shape[0], shape.dimensions.dropFirst().reduce(1, *))
    }

    /// The elements of an input.
    public func input(_ index: Int = 0) -> Slice<Float> { inputs[index].slice(of: Float.self) }

    /// The elements of an input of whole numbers: labels, indices, counts.
    public func integers(_ index: Int) -> Slice<Int32> { inputs[index].slice(of: Int32.self) }

    /// The elements of a result.
    public func result(_ index: Int = 0) -> Slice<Float> { results[index].slice(of: Float.self) }

    /// The elements of a result of whole numbers.
    public func integerResult(_ index: Int) -> Slice<Int32> { results[index].slice(of: Int32.self) }

    /// The threads of this rank.
    public var workers: Workers { Workers(pool: pool) }
}

extension Operands {
    /// A kernel from one input to one result.
    public func unary(_ body: @escaping (Span<Float>, inout MutableSpan<Float>) -> Void) -> () -> Void {
        insist(inputs.count == 1, "a kernel of one input is given \(inputs.count): say by inputCount that 1 is taken")
        let (x, y) = (input(0), result())
        return {
            var result = y.mutableSpan
            body(x.span, &result)
        }
    }

    /// A kernel from two inputs to one result.
    public func binary(
        _ body: @escaping (Span<Float>, Span<Float>, inout MutableSpan<Float>) -> Void
    ) -> () -> Void {
        insist(inputs.count == 2, "a kernel of two inputs is given \(inputs.count): say by inputCount that 2 are taken")
        let (a, b, y) = (input(0), input(1), result())
        return {
            var result = y.mutableSpan
            body(a.span, b.span, &result)
        }
    }
}

/// The threads that a rank computes on: those of its ``CPUBackend``.
///
/// Which thread runs which index is fixed by the counts alone, so results never depend on timing.
public struct Workers: Sendable {
    fileprivate let pool: ThreadPool

    /// How many there are, the calling one included.
    public var count: Int { pool.threads }

    /// Runs `body(context, index)` for every index in `0..<count`, spread over the threads, and returns when all are done.
    ///
    /// What it writes must not overlap between indices. It allocates nothing if `body` captures nothing: hand what it needs
    /// in as `context`.
    public func forEach<Context: Sendable>(
        _ count: Int, with context: Context, _ body: @escaping @Sendable (Context, Int) -> Void
    ) {
        pool.forEach(count, with: context, body)
    }
}
