import Foundation

/// A simulated day as a Gantt chart: a line an hour, so that a save of seconds can be seen.
struct DayChart {
    let day: SimulatedDay

    private static let (width, left, top, row, bar) = (560.0, 44.0, 20.0, 15.0, 11.0)

    /// The picture.
    var svg: String {
        let height = Self.top + 24 * Self.row + 6
        return """
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(height))" role="img" aria-label="A simulated day">
            \((hours + minutes + parts).joined(separator: "\n"))
            </svg>
            """
    }

    /// What the colours mean, and how much of the day each takes.
    var legend: String {
        let total = max(day.segments.reduce(0) { $0 + $1.end - $1.begin }, 1)
        let entries = DayPhase.allCases.map { phase in
            let time = day.segments.filter { $0.phase == phase }.reduce(0) { $0 + $1.end - $1.begin }
            return """
                <span><svg viewBox="0 0 10 10" class="box" aria-hidden="true"><rect class="\(phase.rawValue)" width="10" \
                height="10"/></svg>\(phase.text) \((time / total).asPercent)</span>
                """
        }
        return "<p class=\"legend\">\(entries.joined(separator: "\n"))</p>"
    }

    private static func text(_ number: Double) -> String { String(format: "%.2f", number) }

    private static func x(_ seconds: Double) -> Double { left + seconds / 3600 * (width - left - 8) }

    private var hours: [String] {
        (0..<24).map { hour in
            let y = Self.top + Double(hour) * Self.row + 9.5
            let label = (hour < 10 ? "0" : "") + "\(hour):00"
            return "<text class=\"end\" x=\"\(Self.text(Self.left - 6))\" y=\"\(Self.text(y))\">\(label)</text>"
        }
    }

    private var minutes: [String] {
        [0.0, 15, 30, 45, 60].map { minute in
            let x = Self.text(Self.x(minute * 60))
            let side = minute == 0 ? "start" : minute == 60 ? "end" : "middle"
            return "<text class=\"\(side)\" x=\"\(x)\" y=\"13\">\(Int(minute)) min</text>"
        }
    }

    /// Each part, cut at full hours. What is too short to be seen is drawn over by the next one.
    private var parts: [String] {
        day.segments.flatMap { segment in
            let first = Int(segment.begin / 3600)
            let last = min(23, Int((segment.end / 3600).rounded(.up)) - 1)
            guard first <= last else { return [String]() }
            return (first...last).map { hour in
                let begin = max(segment.begin - Double(hour) * 3600, 0)
                let end = min(segment.end - Double(hour) * 3600, 3600)
                return """
                    <rect class="\(segment.phase.rawValue)" x="\(Self.text(Self.x(begin)))" \
                    y="\(Self.text(Self.top + Double(hour) * Self.row))" \
                    width="\(Self.text(max(Self.x(end) - Self.x(begin), 0.3)))" height="\(Self.text(Self.bar))"/>
                    """
            }
        }
    }
}

extension DayPhase {
    /// In words.
    package var text: String {
        switch self {
        case .working: "work that stays"
        case .saving: "saving"
        case .lost: "lost work"
        case .restarting: "restarting"
        case .waiting: "waiting for machines"
        }
    }
}
