import ArgumentParser
import Files
import Terminal

/// What a benchmark found: tables, what they were measured with, and how that compares with the targets.
struct Report: CustomStringConvertible {
    let title: String

    /// How it was measured; a paragraph each.
    var notes: [String] = []

    var tables: [Table] = []
    var verdicts: [Verdict] = []

    var description: String {
        let parts = notes + tables.map(\.markdown) + (verdicts.isEmpty ? [] : [Verdict.table(verdicts).markdown])
        return "## \(title)\n\n" + parts.joined(separator: "\n\n") + "\n"
    }
}

/// One measured figure beside its target.
struct Verdict {
    /// What a figure is to be.
    enum Target {
        case atLeast(Double)
        case atMost(Double)
    }

    let what: String

    /// What it is measured against.
    let rival: String

    let target: Target

    /// Nil if the rival is not there.
    let value: Double?

    private var isMet: Bool? {
        value.map { value in
            switch target {
            case .atLeast(let limit): value >= limit
            case .atMost(let limit): value <= limit
            }
        }
    }

    private var targetText: String {
        switch target {
        case .atLeast(let limit): "≥ \(limit.rounded(digits: 2))"
        case .atMost(let limit): "≤ \(limit.rounded(digits: 2))"
        }
    }

    /// The table of the targets.
    static func table(_ verdicts: [Verdict]) -> Table {
        var table = Table("what", "measured against", "target", "measured", "met")
        for verdict in verdicts {
            table.add(
                verdict.what, verdict.rival, verdict.targetText, verdict.value?.rounded(digits: 2) ?? "–",
                verdict.isMet.map { $0 ? "yes" : "no" } ?? "not measured")
        }
        return table
    }
}

/// A benchmark whose report can stand beside others.
protocol Benchmark: ParsableCommand {
    func report() throws -> Report
}

extension Benchmark {
    func run() throws {
        try StandardStream.output.print("\(report())")
    }
}
