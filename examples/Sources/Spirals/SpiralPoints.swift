import Foundation
import Lockstep

/// Samples of your own: points on two spirals, each computed when it is asked for. A point depends on its number alone, so every
/// rank can make it, and a run that carries on sees the points that it would have seen.
struct SpiralPoints: Dataset {
    let turns: Double
    let count: Int

    /// The number of the first point; training and testing use others.
    var first = 0

    let columns = [
        DataColumn("point", shape: [2], elementType: .float32), DataColumn("side", shape: [1], elementType: .float32),
    ]

    func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) {
        let points = indices.map { point(first + $0) }
        tensors[0].copy(from: Tensor(points.flatMap { [$0.x, $0.y] }, shape: [points.count, 2]))
        tensors[1].copy(from: Tensor(points.map(\.side), shape: [points.count, 1]))
    }

    private func point(_ number: Int) -> (x: Float, y: Float, side: Float) {
        // The golden ratio spreads them evenly, however many there are.
        let share = (Double(number / 2) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
        let radius = 0.15 + 0.85 * share
        let isSecond = number % 2 == 1
        let angle = 2 * Double.pi * (turns * share + (isSecond ? 0.5 : 0))
        return (Float(radius * cos(angle)), Float(radius * sin(angle)), isSecond ? 1 : -1)
    }
}
