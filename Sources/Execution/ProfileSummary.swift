import Graphs

/// Where the time of a rank's training loop went: a row for each thing, with the time that nothing inside it took.
///
/// The rows add up to all the time that was recorded. What ran beside the loop took none of its time and is left out.
public struct ProfileSummary: Sendable {
    /// What all spans of one kind and name took.
    public struct Row: Equatable, Sendable {
        /// The kind of thing.
        public let kind: ProfileLabel.Kind

        /// What it is called.
        public let name: String

        /// How many spans there were.
        public internal(set) var calls = 0

        /// The time of them, without the spans inside.
        public internal(set) var duration = Duration.zero

        /// Their floating-point operations; 0 where these say nothing.
        public internal(set) var operationCount = 0.0
    }

    /// The rows, those that took most first.
    public let rows: [Row]

    /// How many steps were recorded.
    public let steps: Int

    /// All the time.
    public var total: Duration { rows.reduce(.zero) { $0 + $1.duration } }

    /// Adds up spans.
    public init(_ spans: [ProfileSpan]) {
        let loop = spans.filter { $0.track == .training }
        var rows: [String: Row] = [:]
        for (span, duration) in zip(loop, Self.ownDurations(of: loop)) {
            let label = span.label
            // Steps differ by their number alone.
            let name = label.kind == .step ? "the loop itself" : label.name
            var row = rows["\(label.kind) \(name)"] ?? Row(kind: label.kind, name: name)
            row.calls += 1
            row.duration += duration
            row.operationCount += label.operationCount ?? 0
            rows["\(label.kind) \(name)"] = row
        }
        self.rows = rows.values.sorted { ($0.duration, $1.name) > ($1.duration, $0.name) }
        steps = loop.count { $0.label.kind == .step }
    }

    /// The time of each span without those of the spans inside it.
    private static func ownDurations(of spans: [ProfileSpan]) -> [Duration] {
        var own = spans.map(\.duration)
        // Outer ones first: they begin earlier, or take longer, or at least are noted later, when they end.
        let order = spans.indices.sorted {
            (spans[$0].start, spans[$1].duration, $1) < (spans[$1].start, spans[$0].duration, $0)
        }
        var open: [Int] = []
        for index in order {
            while let outer = open.last, spans[outer].end <= spans[index].start { open.removeLast() }
            if let outer = open.last { own[outer] -= spans[index].duration }
            open.append(index)
        }
        return own
    }
}
