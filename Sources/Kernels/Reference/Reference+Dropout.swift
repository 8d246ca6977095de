extension Reference {
    /// See ``dropout(_:into:rows:columns:rate:mask:pool:)``.
    public static func dropout(
        _ x: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int, rate: Float,
        mask: DropoutMask
    ) {
        for i in 0..<rows * columns {
            let isKept = keeps(row: i / columns, column: i % columns, rate: rate, mask: mask)
            result[i] = isKept ? x[i] / (1 - rate) : 0
        }
    }

    /// Whether an element of a shard is kept: the rule of ``DropoutMask``, word for word.
    public static func keeps(row: Int, column: Int, rate: Float, mask: DropoutMask) -> Bool {
        let i = (mask.firstRow + row) * mask.totalColumns + mask.firstColumn + column
        let (g, e) = (i / 64, i % 64)
        let stream = 1 << 63 + UInt64(mask.stream) << 32 + UInt64(mask.step)
        let block = CounterBasedGenerator(seed: mask.seed, stream: stream).block(UInt64(8 * g + e % 16 / 2))
        let word = block[2 * (e / 32) + e % 2]
        let bits = e / 16 % 2 == 1 ? word >> 16 : word & 0xFFFF
        return Float(bits) >= (rate * 65536).rounded()
    }
}
