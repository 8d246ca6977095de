import Memory

extension CounterBasedGenerator {
    /// Draws a whole number below `bound`, each equally likely, from 64-bit word `position` of the stream on, and moves
    /// `position` behind the words used: one, and rarely more.
    ///
    /// By Lemire's method ("Fast random integer generation in an interval", 2019): the high half of a product, drawn
    /// again in the few cases that would make some numbers likelier than others.
    public func bounded(_ bound: UInt64, at position: inout UInt64) -> UInt64 {
        insist(bound > 0, "there is no number below \(bound)")
        let unfair = (0 &- bound) % bound
        while true {
            let product = word(position).multipliedFullWidth(by: bound)
            position += 1
            if product.low >= unfair { return product.high }
        }
    }

    /// The numbers `0..<count` in an order that seed and stream alone decide, each order equally likely
    /// (Fisher and Yates).
    public func permutation(of count: Int) -> [Int] {
        insist(count >= 0, "a permutation cannot have \(count) elements")
        var order = Array(0..<count)
        var position: UInt64 = 0
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, Int(bounded(UInt64(last) + 1, at: &position)))
        }
        return order
    }

    /// The 64-bit word `position` of the stream: two to a block.
    private func word(_ position: UInt64) -> UInt64 {
        let block = block(position / 2)
        return position % 2 == 0
            ? UInt64(block[0]) | UInt64(block[1]) << 32
            : UInt64(block[2]) | UInt64(block[3]) << 32
    }
}
