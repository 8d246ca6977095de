extension ThreadPool {
    // 2^14 floats take a few µs: less is not worth waking a thread for. A multiple of the lanes, so that only the last
    // chunk has a remainder.
    @inlinable
    static var chunk: Int { 1 << 14 }

    /// Runs `body(context, range)` for consecutive ranges that make up `0..<count`, spread over the threads; allocates
    /// nothing when `body` captures nothing.
    ///
    /// The ranges depend on `count` and `grain` alone. `grain` is how many floats an index stands for: the columns, where
    /// rows are counted.
    @inlinable
    package func forEachChunk<Context>(
        of count: Int, grain: Int = 1, with context: Context, _ body: @escaping (Context, Range<Int>) -> Void
    ) {
        let length = max(1, Self.chunk / max(grain, 1))
        let chunks = Chunks(count: count, length: length, context: context, body: body)
        forEach((count + length - 1) / length, with: chunks) { chunks, index in chunks.run(index) }
    }
}

/// Ranges of one length, and what to do with each.
@usableFromInline
struct Chunks<Context> {
    @usableFromInline let count: Int
    @usableFromInline let length: Int
    @usableFromInline let context: Context
    @usableFromInline let body: (Context, Range<Int>) -> Void

    @inlinable
    init(count: Int, length: Int, context: Context, body: @escaping (Context, Range<Int>) -> Void) {
        self.count = count
        self.length = length
        self.context = context
        self.body = body
    }

    @inlinable
    func run(_ index: Int) {
        body(context, index * length..<min((index + 1) * length, count))
    }
}
