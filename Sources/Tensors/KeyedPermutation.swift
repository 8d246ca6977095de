import Kernels

/// The numbers 0..<count in an order that a random source decides, each computed when it is asked for: no table is kept,
/// however many they are.
///
/// A Feistel network over the pairs (number / width, number % width): each of its rounds adds to one half a random function
/// of the other one, which the next round can take back, so that no two numbers come to the same place. What lands
/// outside of 0..<count goes through the network again. (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002.)
public struct KeyedPermutation: Sendable {
    /// How many numbers there are.
    public let count: Int

    private let generator: CounterBasedGenerator
    private let height: UInt64
    private let width: UInt64

    // Four are proven to be enough against whoever sees some of it; these leave nothing that a test has found.
    private static let roundCount: UInt64 = 6

    /// Makes the permutation of `count` numbers that `random` decides.
    public init(of count: Int, _ random: RandomSource) {
        precondition(count >= 0, "a permutation cannot have \(count) elements")
        self.count = count
        generator = random.generator
        // Nearly a square, and no row of it is wholly outside: a second pass is rare.
        var width = UInt64(Double(count).squareRoot())
        while width * width < UInt64(count) { width += 1 }
        self.width = max(width, 1)
        height = (UInt64(count) + self.width - 1) / self.width
    }

    /// The number at a place.
    public subscript(place: Int) -> Int {
        precondition(place >= 0 && place < count, "there is no place \(place) among \(count)")
        var number = UInt64(place)
        repeat { number = shuffled(number) } while number >= UInt64(count)
        return Int(number)
    }

    private func shuffled(_ number: UInt64) -> UInt64 {
        var (row, column) = (number / width, number % width)
        for round in stride(from: 0, to: Self.roundCount, by: 2) {
            row = (row + random(column, below: height, round)) % height
            column = (column + random(row, below: width, round + 1)) % width
        }
        return row * width + column
    }

    /// A function of a half and the round. Both sizes are far below 2^64, so that no number is likelier than another by
    /// more than 2^−31.
    private func random(_ half: UInt64, below bound: UInt64, _ round: UInt64) -> UInt64 {
        let block = generator.block(round << 60 | half)
        return (UInt64(block[0]) << 32 | UInt64(block[1])).multipliedFullWidth(by: bound).high
    }
}
