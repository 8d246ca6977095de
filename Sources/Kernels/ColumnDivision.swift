/// Columns divided among threads, whole vectors to each.
struct ColumnDivision {
    let parts: Int
    private let columns: Int
    private let units: Int

    // 2^14 elements take a few µs: less is not worth waking a thread for.
    private static let smallestShare = 1 << 14

    init(columns: Int, elements: Int, pool: ThreadPool) {
        self.columns = columns
        units = (columns + Lanes.scalarCount - 1) / Lanes.scalarCount
        parts = max(1, min(pool.threads, units, elements / Self.smallestShare))
    }

    subscript(part: Int) -> Range<Int> {
        let (first, end) = (units * part / parts, units * (part + 1) / parts)
        return first * Lanes.scalarCount..<min(end * Lanes.scalarCount, columns)
    }
}
