/// Dimensions of which the elements lie at fixed distances in up to two arrays, the innermost first. What lies together in both
/// is one dimension.
struct StridedDimensions: Sendable, Hashable {
    struct Dimension: Sendable, Hashable {
        var length: Int

        /// How far apart neighbours lie in each array.
        let first: Int
        let second: Int
    }

    private var all: [Dimension] = []

    init() {}

    /// Adds one around those that there are; one of length 1 changes nothing.
    mutating func add(length: Int, first: Int, second: Int = 0) {
        guard length != 1 else { return }
        if let last = all.last, first == last.first * last.length, second == last.second * last.length {
            all[all.count - 1].length *= length
        } else {
            all.append(Dimension(length: length, first: first, second: second))
        }
    }

    /// Takes the innermost out; nil if there is none.
    mutating func removeInner() -> Dimension? { all.isEmpty ? nil : all.removeFirst() }

    /// The innermost.
    var inner: Dimension? { all.first }

    /// The number of places.
    var count: Int { all.reduce(1) { $0 * $1.length } }

    /// Where an index lies in both arrays, indices counting the innermost dimension first.
    @inline(__always)
    func place(of index: Int) -> (first: Int, second: Int) {
        var (rest, first, second) = (index, 0, 0)
        for dimension in all {
            let index = rest % dimension.length
            rest /= dimension.length
            first += index * dimension.first
            second += index * dimension.second
        }
        return (first, second)
    }
}
