import Files
import Foundation
import Goodput
import RandomTestKit
import RankTestKit
import SystemPackage

/// A run whose launches are killed one after the other, beside what `simulate plan` makes of the same costs and the same kills.
struct KilledSeries {
    private let program: DrilledProgram
    private let ranks: Int
    private let limit: TimeInterval
    private let work: FilePath

    /// What a launch costs, measured without a fault, in seconds.
    private struct Costs {
        let step: Double
        let save: Double
        let start: Double
    }

    /// Steps between two saves, and how much longer than usual a step is made: so that steps take most of the time.
    private static let interval = 8
    private static let slowness = "slow@rank0:150ms"

    init(of program: DrilledProgram, ranks: Int, limit: TimeInterval, in work: FilePath) {
        self.program = program
        self.ranks = ranks
        self.limit = limit
        self.work = work
    }

    /// Kills as many launches as are asked for, and says what stayed and what was foreseen; returns by what share they differ.
    func compare(launches: Int, seed: UInt64) throws -> Double {
        let costs = try measure()
        let mean = costs.start + 10 * Double(Self.interval) * costs.step
        var generator = SeededGenerator(seed: seed)
        let lengths = (0..<launches).map { _ in
            costs.start + -mean * log(Double.random(in: 0.05..<1, using: &generator))
        }
        let folder = RunFolder(work.appending("killed"))
        for length in lengths { try kill(after: length, in: folder) }
        let kept = try folder.newestStep() ?? 0
        let account = TimeAccount(
            killedAfter: lengths, interval: Double(Self.interval) * costs.step, step: costs.step,
            costs: SaveCosts(stallSeconds: costs.save, restartSeconds: costs.start))
        let total = lengths.reduce(0, +)
        let real = Double(kept) * costs.step / total
        try say(
            "a start \(costs.start.asTime), a step \(costs.step.asTime), a save \(costs.save.asTime), each measured alone"
        )
        try say("\(launches) launches, killed after \(total.asTime) in all, saving every \(Self.interval) steps")
        try say("goodput: \(real.asPercent), \(kept) steps; foreseen: \(account.goodput.asPercent)")
        return abs(account.goodput / real - 1)
    }

    private func say(_ line: String) throws { try StandardStream.output.print(line) }

    /// Three launches that are stopped as asked tell what each part takes.
    private func measure() throws -> Costs {
        let (short, long) = (12, 60)
        let few = try time(steps: short, saving: false, "few")
        let many = try time(steps: long, saving: false, "many")
        let saving = try time(steps: long, saving: true, "saving")
        let step = (many.total - few.total) / Double(long - short)
        let save = max(0, (saving.total - many.total) / Double(long / Self.interval))
        return Costs(step: step, save: save, start: max(0, (few.first + many.first + saving.first) / 3 - step))
    }

    /// How long a launch takes, and how long to the end of its first step.
    private func time(steps: Int, saving: Bool, _ name: String) throws -> (total: Double, first: Double) {
        let folder = RunFolder(work.appending(name))
        try folder.make()
        let history = folder.path.appending("history.jsonl")
        let clock = ContinuousClock()
        let begin = clock.now
        let running = try run(
            in: folder, drills: ["stop@rank0:step\(steps)"], ["--history", history.string], saving: saving
        ).start()
        try running.wait(until: "a step was made") {
            (FileManager.default.contents(atPath: history.string)?.count ?? 0) > 0
        }
        let first = begin.duration(to: clock.now) / .seconds(1)
        let outcome = try running.wait()
        guard outcome.exitCode == 0 else { throw StageFailure(outcome: outcome) }
        return (begin.duration(to: clock.now) / .seconds(1), first)
    }

    private func kill(after seconds: Double, in folder: RunFolder) throws {
        try folder.make()
        do {
            let outcome = try run(in: folder, drills: [], [], saving: true).start().wait(atMost: seconds)
            throw StageFailure(outcome: outcome)
        } catch is MPIRunHang {
            // That is the kill.
        }
    }

    private func run(in folder: RunFolder, drills: [String], _ more: [String], saving: Bool) -> MPIRun {
        let saves = saving ? ["--save-every-steps", "\(Self.interval)"] : []
        let drill = ["--drill", (drills + [Self.slowness]).joined(separator: "; ")]
        let usual = ["train", "--directory", folder.out.string, "--epochs", "1000"]
        return MPIRun(ranks: ranks, program.path, usual + saves + drill + program.arguments + more, limit: limit)
    }
}
