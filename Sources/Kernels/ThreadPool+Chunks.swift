extension ThreadPool {
    // 2^14 floats take a few µs: less is not worth waking a thread for. A multiple of the lanes, so that only the last
    // chunk has a remainder.
    private static let chunk = 1 << 14

    /// Runs `body(context, range)` for consecutive ranges that make up `0..<count`, spread over the threads; allocates
    /// nothing when `body` captures nothing.
    ///
    /// The ranges depend on `count` and `grain` alone. `grain` is how many floats an index stands for: the columns, where
    /// rows are counted.
    func forEachChunk<Context>(
        of count: Int, grain: Int = 1, with context: Context, _ body: @escaping (Context, Range<Int>) -> Void
    ) {
        let length = max(1, Self.chunk / max(grain, 1))
        let chunks = Chunks(count: count, length: length, context: context, body: body)
        forEach((count + length - 1) / length, with: chunks) { chunks, index in chunks.run(index) }
    }
}

/// Ranges of one length, and what to do with each.
private struct Chunks<Context> {
    let count: Int
    let length: Int
    let context: Context
    let body: (Context, Range<Int>) -> Void

    func run(_ index: Int) {
        body(context, index * length..<min((index + 1) * length, count))
    }
}
