/// Something wrong with a configuration file, in one sentence.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String

    init(_ file: String, line: Int? = nil, _ problem: String) {
        description = "\(file)\(line.map { ", line \($0)" } ?? ""): \(problem)"
    }
}

/// The nearest of some names to one that is none of them.
struct NearestName {
    private let names: [String]

    init(among names: [String]) {
        self.names = names
    }

    /// As in "; the nearest is 'epochs'"; empty if none is near.
    func advice(for name: String) -> String {
        let last = { (place: String) in place.split(separator: ".").last.map(String.init) ?? place }
        let best = names.map { place in
            (place, min(Self.distance(place, name), Self.distance(last(place), last(name))))
        }.min { ($0.1, $0.0) < ($1.1, $1.0) }
        guard let best, best.1 <= max(2, name.count / 3) else { return "" }
        return "; the nearest is '\(best.0)'"
    }

    /// How many characters must be put in, left out or replaced (Levenshtein). Names are short: of a long one the rest is
    /// left out.
    static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first.prefix(80)), Array(second.prefix(80)))
        var row = Array(0...second.count)
        for (i, one) in first.enumerated() {
            var corner = row[0]
            row[0] = i + 1
            for (j, other) in second.enumerated() {
                let kept = corner + (one == other ? 0 : 1)
                corner = row[j + 1]
                row[j + 1] = min(kept, row[j] + 1, corner + 1)
            }
        }
        return row[second.count]
    }
}
