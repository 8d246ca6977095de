/// What decides in a simulated world: the same seed decides the same.
package struct Chance: Sendable {
    private var generator: SeededGenerator

    package init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    /// One of the numbers 0..<count, each as often as the others.
    package mutating func number(below count: Int) -> Int {
        precondition(count > 0, "there is no number below \(count)")
        return Int.random(in: 0..<count, using: &generator)
    }

    /// Whether something happens that does so once in `count` times.
    package mutating func happens(onceIn count: Int) -> Bool { number(below: count) == 0 }

    /// A number of the range.
    package mutating func number(in range: ClosedRange<Double>) -> Double { .random(in: range, using: &generator) }

    /// One of them; nil of none.
    package mutating func one<Element>(of elements: [Element]) -> Element? { elements.randomElement(using: &generator) }

    /// A seed for something that is to have chances of its own.
    package mutating func seed() -> UInt64 { generator.next() }
}
