// So that small values can be written as literals: `["lr": 0.1, "note": "warm"]`.

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension CheckpointValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByStringLiteral
{
    public init(integerLiteral value: Int) { self = .integer(value) }

    public init(floatLiteral value: Double) { self = .real(value) }

    public init(booleanLiteral value: Bool) { self = .flag(value) }

    public init(stringLiteral value: String) { self = .text(value) }
}
