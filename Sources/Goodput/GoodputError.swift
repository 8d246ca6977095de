/// What cannot be planned with.
public enum GoodputError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A number that makes no sense: what it is, and what is allowed.
    case badNumber(name: String, value: Double, allowed: String)

    /// A trace that cannot be read: where, and why.
    case badTrace(place: String, reason: String)

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .badNumber(let name, let value, let allowed): "\(name) is \(value.plain); it must be \(allowed)"
        case .badTrace(let place, let reason): "\(place) \(reason)"
        }
    }

    static func check(
        _ name: String, _ value: Double, in range: ClosedRange<Double>, _ allowed: String
    ) throws(GoodputError) {
        guard range.contains(value) else { throw .badNumber(name: name, value: value, allowed: allowed) }
    }

    /// Throws unless a number is above 0, and so small that a thousand years of it can be reckoned with.
    static func checkPositive(_ name: String, _ value: Double) throws(GoodputError) {
        guard value > 0, value <= largest else {
            throw .badNumber(name: name, value: value, allowed: "above 0 and at most 1e+18")
        }
    }

    /// Throws unless a time is 0 or more, and no longer than a thousand years.
    static func checkTime(_ name: String, _ seconds: Double) throws(GoodputError) {
        try check(name, seconds, in: 0...longest, "from 0 s to 1000 years")
    }

    /// Throws unless a time is above 0, and no longer than a thousand years.
    static func checkPositiveTime(_ name: String, _ seconds: Double) throws(GoodputError) {
        guard seconds > 0, seconds <= longest else {
            throw .badNumber(name: name, value: seconds, allowed: "above 0 s and at most 1000 years")
        }
    }

    private static let largest = 1e18
    private static let longest = 1000 * 365.25 * 86400
}

extension Double {
    /// Whole numbers without a point.
    var plain: String { self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)" }
}
