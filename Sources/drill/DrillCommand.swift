import ArgumentParser
import Files
import Foundation
import RandomTestKit
import RankTestKit
import SystemPackage

/// `drill`: lets a program fail in all ways and sees that nothing is lost. `launch/drill` builds and starts it.
@main struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Stop and break runs of a program, carry them on, and compare the outcome with an undisturbed run.")

    @Option(help: ArgumentHelp("How many random drills to draw.", valueName: "count"))
    var runs = 20

    @Option(help: "What is drawn depends on this number alone.")
    var seed: UInt64 = 1

    @Flag(help: "Try every way to ask for a stop, on every rank and by the launcher, at every moment.")
    var matrix = false

    @Flag(
        help:
            "Kill launches of one run at random moments instead, and compare what stays with what simulate plan foresees."
    )
    var plan = false

    @Option(
        help: ArgumentHelp("Of the matrix, only the cells whose text contains this, such as halt.", valueName: "text"))
    var only = ""

    @Option(help: ArgumentHelp("Of the matrix, only so many cells, drawn by the seed.", valueName: "count"))
    var sample: Int?

    @Option(name: .customShort("n"), help: ArgumentHelp("Ranks of a run.", valueName: "ranks"))
    var ranks = 8

    @Option(help: ArgumentHelp("A run that takes longer counts as hanging.", valueName: "seconds"))
    var limit = 120.0

    @Option(help: ArgumentHelp("Where runs leave their files. (default: a temporary folder)", valueName: "folder"))
    var directory: String?

    @Option(
        help: ArgumentHelp(
            "The program that is tried, a TrainingProgram. (default: the trainer beside this one)", valueName: "file"))
    var program: String?

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp(
            "After --, arguments of the program, such as its sizes. (default for the trainer: --batch-size 64)",
            valueName: "arguments"))
    var programArguments: [String] = []

    static func main() {
        StandardStream.prepare()
        main(CommandArguments.texts)
    }

    func validate() throws {
        guard (1...1_000_000).contains(runs) else {
            throw ValidationError("--runs is \(runs); it must be from 1 to 1000000")
        }
        guard (2...4096).contains(ranks) else {
            throw ValidationError("-n is \(ranks); drills need 2 to 4096 ranks")
        }
        guard sample == nil && only.isEmpty || matrix else {
            throw ValidationError("--sample and --only choose cells of the --matrix, which is not asked for")
        }
        guard !plan || !matrix && runs <= 1000 else {
            throw ValidationError(
                matrix
                    ? "give one of --plan and --matrix, not both"
                    : "--runs is \(runs); with --plan it must be at most 1000")
        }
        guard sample.map({ $0 >= 1 }) ?? true else {
            throw ValidationError("--sample is \(sample ?? 0); it must be at least 1")
        }
        if let program, !FileManager.default.isExecutableFile(atPath: program) {
            throw ValidationError("--program is \(program), which is no program that can be started")
        }
        guard limit > 0, limit <= 1e9 else {
            throw ValidationError("--limit is \(limit); it must be more than 0 seconds, and at most 1e9")
        }
    }

    func run() throws {
        let work = FilePath(directory ?? NSTemporaryDirectory()).appending("drill-\(UUID().uuidString)")
        try LocalFileSystem().createDirectory(work)
        defer { try? FileManager.default.removeItem(atPath: work.string) }
        if plan { return try comparePlan(in: work) }
        let stage = try Stage(of: subject, ranks: ranks, limit: limit, in: work)
        let scenarios = try drawScenarios(on: stage)
        var report = DrillReport(count: scenarios.count)
        try report.begin()
        for scenario in scenarios { try report.add(DrilledRun(scenario, on: stage)) }
        try report.end(title: matrix ? "matrix" : "seed \(seed)")
        guard report.problemCount == 0 else { throw ExitCode(1) }
    }

    /// What is foreseen may be a tenth off.
    private func comparePlan(in work: FilePath) throws {
        let series = KilledSeries(of: subject, ranks: ranks, limit: limit, in: work)
        guard try series.compare(launches: runs, seed: seed) <= 0.1 else { throw ExitCode(1) }
    }

    /// What is tried.
    private var subject: DrilledProgram {
        guard let program else {
            // Steps large enough that two epochs are few.
            let usual = programArguments.isEmpty ? ["--batch-size", "64"] : programArguments
            return DrilledProgram(path: MPIRun.path(of: "trainer"), arguments: usual)
        }
        // A path stays one, whatever folder the launcher starts it in.
        let path = URL(filePath: program).standardizedFileURL.path(percentEncoded: false)
        return DrilledProgram(path: path, arguments: programArguments)
    }

    private func drawScenarios(on stage: Stage) throws -> [Scenario] {
        var generator = SeededGenerator(seed: seed)
        guard matrix else { return (0..<runs).map { _ in Scenario.random(on: stage, using: &generator) } }
        let cells = Matrix(stage).cells(with: only, sample: sample, using: &generator)
        guard !cells.isEmpty else { throw ValidationError("no cell of the matrix contains \"\(only)\"") }
        return cells
    }
}
