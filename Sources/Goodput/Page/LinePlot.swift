import Foundation

/// Lines over a logarithmic axis, as SVG that follows the page's colours.
struct LinePlot {
    /// A line with its place in the legend.
    struct Line {
        let name: String
        /// The class that gives it its colour.
        let style: String
        let points: [(x: Double, y: Double)]
    }

    /// A value on the horizontal axis that is marked.
    struct Mark {
        let name: String
        let x: Double
    }

    let title: String
    let xName: String
    let yName: String
    var lines: [Line]
    var marks: [Mark] = []
    var band: ClosedRange<Double>?
    /// Values and texts along the horizontal axis.
    let ticks: [(x: Double, text: String)]

    private let width = 560.0
    private let height = 330.0
    private let left = 52.0
    private let right = 14.0
    private let top = 34.0
    private let bottom = 46.0

    private var xs: [Double] { lines.flatMap { $0.points.map(\.x) } }
    private var xRange: ClosedRange<Double> { (xs.min() ?? 1)...max(xs.max() ?? 10, 1.0001 * (xs.min() ?? 1)) }

    /// From the lowest value, down to a round one, to the highest.
    private var yRange: ClosedRange<Double> {
        let (low, high, unit) = (lowest, highest, yUnit)
        return (low / unit).rounded(.down) * unit...max((high / unit).rounded(.up) * unit, unit)
    }

    private var lowest: Double { lines.flatMap { $0.points.map(\.y) }.min() ?? 0 }
    private var highest: Double { lines.flatMap { $0.points.map(\.y) }.max() ?? 1 }

    /// What lies between two lines of the grid.
    private var yUnit: Double {
        [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1].first { (highest - lowest) / $0 <= 6 } ?? 0.2
    }

    private func x(_ value: Double) -> Double {
        let part = log(value / xRange.lowerBound) / log(xRange.upperBound / xRange.lowerBound)
        return left + min(max(part, 0), 1) * (width - left - right)
    }

    private func y(_ value: Double) -> Double {
        let range = yRange
        let part = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        return height - bottom - part * (height - top - bottom)
    }

    /// The picture.
    var svg: String {
        """
        <svg viewBox="0 0 \(Int(width)) \(Int(height))" role="img" aria-label="\(title.escaped)">
        \((bandElement + horizontals + verticals + marked + lines.map(element)).joined(separator: "\n"))
        <text class="name" x="\(text(left))" y="14">\(yName.escaped)</text>
        <text class="name end" x="\(text(width - right))" y="\(text(height - 6))">\(xName.escaped)</text>
        </svg>
        """
    }

    /// What the lines are called, beside the picture.
    var legend: String {
        let entries = lines.map { line in
            """
            <span><svg viewBox="0 0 26 10" class="key" aria-hidden="true"><path class="line \(line.style)" \
            d="M1 5H25"/></svg>\(line.name.escaped)</span>
            """
        }
        return "<p class=\"legend\">\(entries.joined(separator: "\n"))</p>"
    }

    private func text(_ number: Double) -> String { String(format: "%.1f", number) }

    private func element(_ line: Line) -> String {
        let path = line.points.map { "\(text(x($0.x))) \(text(y($0.y)))" }.joined(separator: "L")
        return "<path class=\"line \(line.style)\" d=\"M\(path)\"/>"
    }

    private var bandElement: [String] {
        guard let band else { return [] }
        let (begin, end) = (x(band.lowerBound), x(band.upperBound))
        return [
            """
            <rect class="band" x="\(text(begin))" y="\(text(top))" width="\(text(end - begin))" \
            height="\(text(height - top - bottom))"/>
            """
        ]
    }

    private var horizontals: [String] {
        let range = yRange
        let unit = yUnit
        let count = Int(((range.upperBound - range.lowerBound) / unit).rounded())
        return (0...max(count, 1)).map { index in
            let value = range.lowerBound + Double(index) * unit
            let label = String(format: unit < 0.0095 ? "%.1f %%" : "%.0f %%", 100 * value)
            return """
                <path class="grid" d="M\(text(left)) \(text(y(value)))H\(text(width - right))"/>\
                <text class="end" x="\(text(left - 6))" y="\(text(y(value) + 4))">\(label)</text>
                """
        }
    }

    /// The last text would not fit in the middle below its line.
    private var verticals: [String] {
        ticks.filter { xRange.contains($0.x) }.map { tick in
            let place = x(tick.x)
            let side = place > width - right - 24 ? "end" : "middle"
            return """
                <path class="grid" d="M\(text(place)) \(text(top))V\(text(height - bottom))"/>\
                <text class="\(side)" x="\(text(side == "end" ? place + right - 2 : place))" \
                y="\(text(height - bottom + 16))">\(tick.text.escaped)</text>
                """
        }
    }

    /// Marks and their names, down where no line is: one above the other, since they lie close.
    private var marked: [String] {
        marks.sorted { $0.x < $1.x }.enumerated().map { index, mark in
            let place = x(mark.x)
            let isRight = place > width / 2
            let label = height - bottom - 10 - Double(marks.count - 1 - index) * 16
            return """
                <path class="mark" d="M\(text(place)) \(text(top))V\(text(height - bottom))"/>\
                <text class="\(isRight ? "end" : "start")" x="\(text(place + (isRight ? -6 : 6)))" \
                y="\(text(label))">\(mark.name.escaped)</text>
                """
        }
    }
}
