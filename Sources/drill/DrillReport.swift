import Files
import Foundation

/// The table of all drills, a line each as they come, and their sum.
struct DrillReport {
    private let count: Int
    private var done = 0
    private var hung = 0
    private var equal = 0
    private var seconds: [Double] = []
    private let start = ContinuousClock.now

    /// How many drills went wrong.
    private(set) var problemCount = 0

    init(count: Int) {
        self.count = count
    }

    func begin() throws {
        try say(row("#", "what@who:when", "from", "exit", "stopped", "published", "in", "resumed", "bits"))
    }

    mutating func add(_ rehearsal: DrilledRun) throws {
        done += 1
        if rehearsal.exitCode == nil { hung += 1 }
        if rehearsal.hasEqualBits { equal += 1 }
        if let time = rehearsal.secondsToPublished { seconds.append(time) }
        let text = { (step: Int?) in step.map { "\($0)" } ?? "-" }
        try say(
            row(
                "\(done)", rehearsal.scenario.text, text(rehearsal.scenario.firstStep),
                rehearsal.exitCode.map { "\($0)" } ?? "hung", text(rehearsal.stoppedStep),
                text(rehearsal.publishedStep),
                rehearsal.secondsToPublished.map { String(format: "%.2f s", $0) } ?? "-",
                text(rehearsal.resumedStep), rehearsal.hasEqualBits ? "equal" : "DIFFERENT"))
        guard !rehearsal.problems.isEmpty else { return }
        problemCount += 1
        for problem in rehearsal.problems { try say("     \(problem.replacing("\n", with: "\n     "))") }
    }

    func end(title: String) throws {
        let minutes = start.duration(to: .now) / .seconds(60)
        let times = seconds.sorted()
        let published =
            times.isEmpty
            ? ""
            : String(
                format: ", published %.2f s after the request (median; %.2f s at most)", times[times.count / 2],
                times[times.count - 1])
        try say(
            "drill: \(title): \(count) tried, \(count - problemCount) passed; \(hung) hung, \(equal) ended equal"
                + published + String(format: "; %.1f minutes", minutes))
    }

    /// At once, where `print` would wait for a page to be full.
    private func say(_ line: String) throws {
        try StandardStream.output.print(line)
    }

    private func row(_ columns: String...) -> String {
        let widths = [4, 52, 5, 5, 8, 10, 8, 8]
        return zip(columns, widths).map { $0.padding(toLength: max($1, $0.count + 1), withPad: " ", startingAt: 0) }
            .joined() + columns[columns.count - 1]
    }
}
