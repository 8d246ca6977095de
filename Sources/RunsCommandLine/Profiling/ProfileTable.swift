import Foundation
import Lockstep

/// Where the time of rank 0 went, as lines of text.
struct ProfileTable: CustomStringConvertible {
    private let summary: ProfileSummary

    init(_ summary: ProfileSummary) {
        self.summary = summary
    }

    var description: String {
        let total = summary.total / .milliseconds(1)
        let each = Self.text(total / Double(max(summary.steps, 1)))
        let head = "where the time of rank 0 went in \(summary.steps) steps, \(each) ms each"
        let lines = summary.rows.map { row in
            let seconds = row.duration / .seconds(1)
            return Self.line(
                "\(row.kind.rawValue) \(row.name)", "\(row.calls)", Self.text(1e3 * seconds),
                Self.text(1e5 * seconds / total) + " %",
                row.operationCount > 0 ? Self.text(row.operationCount / seconds / 1e9) : "")
        }
        return ([head, Self.line("", "calls", "ms", "share", "GFLOP/s")] + lines).joined(separator: "\n")
    }

    private static func text(_ number: Double) -> String { String(format: "%.1f", number) }

    private static func line(_ name: String, _ numbers: String...) -> String {
        let name = name.padding(toLength: max(44, name.count), withPad: " ", startingAt: 0)
        return name + numbers.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
    }
}
