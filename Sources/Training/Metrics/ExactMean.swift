/// The mean of numbers from 0 on, whose sum is not rounded before its end: the same on any number of ranks.
public struct ExactMean {
    private var sum = ExactSum()

    /// What the sum is divided by.
    public private(set) var count = 0.0

    /// Makes a mean of nothing.
    public init() {}

    /// The sum in pieces, and the count, to be added to those of other ranks.
    public var totals: [Double] {
        get { sum.parts + [count] }
        set {
            sum.parts = Array(newValue.dropLast())
            count = newValue[newValue.count - 1]
        }
    }

    /// Adds a number to the sum.
    public mutating func add(_ number: Double) { sum.add(number) }

    /// Adds to what the sum is divided by.
    public mutating func addCount(_ number: Int) { count += Double(number) }

    /// The mean; nil if it is one of nothing.
    public var value: Double? { count == 0 ? nil : sum.value / count }
}
