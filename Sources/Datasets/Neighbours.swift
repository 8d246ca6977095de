/// Between which two pixels of a line a pixel of a line of another length lies, without rounding.
///
/// Pixel centres lie at halves and edges are clamped, as with MindSpore's `Inter.LINEAR`: pixel o of `side` lies at
/// (o + ½)·n/side − ½ among n. That is a whole number of parts of 1/(2·side).
struct Neighbours {
    let low: Int
    let high: Int

    /// The weight of `high` in these parts; `low` has the rest of ``unit``.
    let part: Int

    /// How many parts make a whole.
    let unit: Int

    /// The same as a share of a whole.
    let weight: Float

    init(of index: Int, of side: Int, in count: Int) {
        unit = 2 * side
        let position = (2 * index + 1) * count - side
        // Before the first centre the position is negative: both neighbours are then pixel 0.
        let floor = position < 0 ? -1 : position / unit
        low = max(floor, 0)
        high = min(floor + 1, count - 1)
        part = position - floor * unit
        weight = Float(part) / Float(unit)
    }
}
