import Files
import Foundation
import Simulation

/// What came of many seeds.
struct CheckOutcome: Codable, Sendable {
    var count = 0
    var failed: [UInt64] = []
    var coverage = Coverage()
    /// What kept seeds from beginning.
    var notBegun: [UInt64: String] = [:]
    var seconds = 0.0

    mutating func add(_ other: CheckOutcome) {
        count += other.count
        failed += other.failed
        coverage.add(other.coverage)
        notBegun.merge(other.notBegun) { first, _ in first }
    }

    /// As in "1000 scenarios in 12.3 s (4878 a minute): all held".
    var sentence: String {
        let rate = seconds > 0 ? Int(Double(count) / seconds * 60) : 0
        let verdict =
            failed.isEmpty
            ? "everything held"
            : "\(failed.count) failed: seeds \(failed.prefix(10).map { "\($0)" }.joined(separator: ", "))"
        return "\(count) scenarios in \(String(format: "%.1f", seconds)) s (\(rate) a minute): \(verdict)"
    }
}

/// Seeds that one process checks.
enum CheckBatch {
    /// So many that fail are enough.
    static let failureLimit = 10

    static func run(_ seeds: SeedRange, ranks: Int, failures: Int) -> CheckOutcome {
        var outcome = CheckOutcome()
        let traces = GhostTraces()
        let begin = ContinuousClock.now
        for seed in seeds.first...seeds.last {
            outcome.count += 1
            do {
                let trial = try Trial.run(SimulatedRun.draw(seed: seed, ranks: ranks), traces)
                outcome.coverage.add(trial.coverage)
                if trial.violation != nil { outcome.failed.append(seed) }
            } catch {
                outcome.failed.append(seed)
                outcome.notBegun[seed] = "\(error)"
            }
            if outcome.failed.count == failures { break }
        }
        outcome.seconds = (ContinuousClock.now - begin) / .seconds(1)
        return outcome
    }
}

extension Trial {
    /// Carries a scenario out.
    static func run(_ scenario: SimulatedRun, _ traces: GhostTraces, isWritten: Bool = false) throws -> Trial {
        let trial = try Trial(scenario, trace: traces, isWritten: isWritten)
        trial.run()
        return trial
    }
}
