import Foundation

/// How much of the time is work that stays, by the interval between two saves.
public struct IntervalPoint: Equatable, Sendable, Codable {
    /// The work between two saves, in seconds.
    public let interval: Double

    /// The share of the time that is work which stays.
    public let goodput: Double
}

/// The best interval between two saves, found by trying.
///
/// All intervals meet the same failures, since these come from one seed: so two of them differ by what they do, not by luck.
struct IntervalSearch {
    /// What was tried, by rising intervals.
    private(set) var points: [IntervalPoint] = []

    private let goodput: (Double) -> Double

    /// Tries `count` intervals between two bounds, and then, between the neighbours of the best one, ever closer ones.
    init(in range: ClosedRange<Double>, count: Int, refinements: Int, goodput: @escaping (Double) -> Double) {
        self.goodput = goodput
        let factor = pow(range.upperBound / range.lowerBound, 1 / Double(max(count - 1, 1)))
        for index in 0..<count { measure(range.lowerBound * pow(factor, Double(index))) }
        refine(refinements)
    }

    /// The best one. Of equal ones the longest, which leaves the storage in peace.
    var best: IntervalPoint { points[bestIndex] }

    private var bestIndex: Int {
        points.indices.max { points[$0].goodput < points[$1].goodput } ?? 0
    }

    /// The intervals around the best that give up at most this share of its goodput.
    func range(within share: Double) -> ClosedRange<Double> {
        let enough = best.goodput * (1 - share)
        let lower = edge(points[...bestIndex].reversed(), enough)
        let upper = edge(Array(points[bestIndex...]), enough)
        return lower...max(lower, upper)
    }

    /// Where a row of points, from the best one away, falls below what is enough: between two of them on a straight line.
    private func edge(_ row: [IntervalPoint], _ enough: Double) -> Double {
        guard let outside = row.firstIndex(where: { $0.goodput < enough }) else { return row[row.count - 1].interval }
        let (inner, outer) = (row[outside - 1], row[outside])
        let part = (inner.goodput - enough) / (inner.goodput - outer.goodput)
        return inner.interval * pow(outer.interval / inner.interval, part)
    }

    private mutating func measure(_ interval: Double) {
        guard !points.contains(where: { $0.interval == interval }) else { return }
        let place = points.firstIndex { $0.interval > interval } ?? points.count
        points.insert(IntervalPoint(interval: interval, goodput: goodput(interval)), at: place)
    }

    private mutating func refine(_ count: Int) {
        for _ in 0..<count {
            let index = bestIndex
            for neighbour in [index - 1, index + 1] where points.indices.contains(neighbour) {
                let middle = (points[index].interval * points[neighbour].interval).squareRoot()
                measure(middle)
            }
        }
    }
}
