import ArgumentParser

/// A length of time on the command line: 30s, 10m, 1h30m, 2d, or Slurm's 1-12:00:00 and 08:30:00.
package struct TimeSpan: ExpressibleByArgument, Hashable, Sendable {
    /// As it was written.
    package let text: String
    /// How long it is.
    package let duration: Duration

    /// How it can be written.
    package static let forms = "such as 30s, 10m, 1h30m or 1-12:00:00"

    /// Reads a length; nil if it is none.
    package init?(argument: String) {
        guard let seconds = Self.units(argument) ?? Self.clock(argument) else { return nil }
        text = argument
        duration = .seconds(min(seconds, Self.longest))
    }

    // Whoever writes more means for ever, and a thousand years can be added to any time there is.
    private static let longest = 1000 * 365.25 * 86400

    private static let secondsOfUnit: [Character: Double] = ["d": 86400, "h": 3600, "m": 60, "s": 1]

    /// 1h30m: every number with a unit, from the longest to the shortest. A bare number could be anything.
    private static func units(_ text: String) -> Double? {
        var (total, number) = (0.0, "")
        var last = Double.infinity
        for character in text {
            guard let unit = secondsOfUnit[character] else {
                number.append(character)
                continue
            }
            guard unit < last, let value = decimal(number) else { return nil }
            (total, number, last) = (total + value * unit, "", unit)
        }
        return number.isEmpty && last.isFinite ? total : nil
    }

    /// [days-]hours:minutes:seconds, as Slurm writes them.
    private static func clock(_ text: String) -> Double? {
        let halves = text.split(separator: "-", omittingEmptySubsequences: false)
        guard halves.count <= 2, let last = halves.last else { return nil }
        let parts = last.split(separator: ":", omittingEmptySubsequences: false).map { whole($0) }
        guard parts.count == 3, let hours = parts[0], let minutes = parts[1], let seconds = parts[2],
            (0..<60).contains(minutes), (0..<60).contains(seconds),
            let days = halves.count == 2 ? whole(halves[0]) : 0
        else { return nil }
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    }

    /// A number of digits alone, of any length; a `Double`, as numbers of any size can be reckoned with then.
    private static func whole(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Double(text)
    }

    private static func decimal(_ text: String) -> Double? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else { return nil }
        return Double(text)
    }
}
