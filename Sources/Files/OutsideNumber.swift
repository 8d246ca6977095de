/// A whole number from outside: out of a file, the command line, the environment, or another process.
///
/// From 0 to 2^53. Readers of JSON tell all of these apart; and one more, or the sum of a thousand of them, is still an `Int`,
/// so that computing with them does not trap. Products are for ``product(_:)``, and sums of unknown length for
/// ``sum(_:)``.
public struct OutsideNumber: Hashable, Sendable {
    /// What is allowed.
    public static let range = 0...1 << 53

    /// The number.
    public let value: Int

    /// A number; nil if it is not allowed.
    public init?(_ value: Int) {
        guard Self.range.contains(value) else { return nil }
        self.value = value
    }

    /// A number in ASCII digits and nothing else; nil if the text is anything else, or the number is not allowed.
    public init?(_ text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else {
            return nil
        }
        self.init(value)
    }

    /// The number that is nearest to any, which may be none: for what is only shown.
    public init(nearestTo number: Double) {
        let upper = Double(Self.range.upperBound)
        value = number >= upper ? Self.range.upperBound : number > 0 ? Int(number) : 0
    }

    /// The number that is nearest to another.
    public init(nearestTo number: Int) { value = min(max(number, 0), Self.range.upperBound) }

    /// The product of numbers from 0 on; nil if it is not allowed.
    public static func product(_ factors: [Int]) -> Int? {
        if factors.contains(0) { return 0 }
        return factors.reduce(1) { product, factor in
            product.map { $0.multipliedReportingOverflow(by: factor) }.flatMap {
                $0.overflow ? nil : OutsideNumber($0.partialValue)?.value
            }
        }
    }

    /// The sum of numbers from 0 on; the highest `Int` where there is none so high.
    public static func sum(_ numbers: some Sequence<Int>) -> Int {
        numbers.reduce(0) { sum, number in
            let (next, overflow) = sum.addingReportingOverflow(number)
            return overflow ? .max : next
        }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension OutsideNumber: Codable {
    public init(from decoder: any Decoder) throws {
        let number = try decoder.singleValueContainer().decode(Int.self)
        guard let allowed = OutsideNumber(number) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "\(number) is not from 0 to \(Self.range.upperBound)"))
        }
        self = allowed
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
