import ArgumentParser
import Files
import Foundation
import Simulation
import SystemPackage

/// `simulate check`: the shipped code of runs under faults, with what must always hold.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Run the real code of training runs under every fault, and see that what must hold holds.",
        discussion: """
            Each seed is a run over as many launches as it takes, on simulated ranks, hosts, clocks and a simulated disk, \
            with kills, lost hosts, power failures, requests to stop and more. A seed that fails is made smaller, and shown \
            as a timeline. Exit codes: 0 nothing was found; 1 something was; 64 wrong command line.
            """)

    @Option(help: ArgumentHelp("Which seeds, as in 1...1000.", valueName: "range"))
    var seeds = SeedRange(first: 1, last: 1000)

    @OptionGroup var size: CheckSize

    @Option(help: ArgumentHelp("Repeat this seed alone, and show what happens.", valueName: "seed"))
    var replay: UInt64?

    @Option(
        help: ArgumentHelp("Write the timeline of what failed, or is repeated, as a Chrome trace.", valueName: "file"))
    var trace: String?

    @Option(
        help: ArgumentHelp(
            "Plant this mistake first, which must be found; simulate mutants lists them.", valueName: "name"))
    var mutant: String?

    @Option(help: ArgumentHelp("How many failures are enough.", valueName: "count"))
    var failures = CheckBatch.failureLimit

    /// That it is a part of a check, which this process of it makes.
    @Option(help: .hidden)
    var asPart: Int?

    func validate() throws {
        guard failures >= 1 else { throw ValidationError("--failures is \(failures); it must be at least 1") }
        if let mutant { _ = try PlantedMutant.named(mutant) }
    }

    func run() throws {
        Deterministic.ensure()
        QuietLog.begin()
        let planted = try mutant.map { try PlantedMutant.named($0) }
        if let planted { Mutant.plant(planted) }
        if let replay {
            try show(SimulatedRun.draw(seed: replay, ranks: size.ranks), seed: replay, isShrunk: false)
            return
        }
        if let asPart {
            SystemThread.keepToProcessor(asPart)
            let outcome = CheckBatch.run(seeds, ranks: size.ranks, failures: failures)
            return try StandardStream.output.print(String(decoding: try JSONEncoder().encode(outcome), as: UTF8.self))
        }
        let outcome = try CheckJobs(size.jobs, mutant: planted, failures: failures).run(seeds, ranks: size.ranks)
        let others = outcome.notBegun.map { "\nseed \($0.key) could not begin: \($0.value)" }.sorted().joined()
        try StandardStream.output.print("\(outcome.coverage.table)\n\n\(outcome.sentence)\(others)")
        guard let seed = outcome.failed.first else { return }
        try show(SimulatedRun.draw(seed: seed, ranks: size.ranks), seed: seed, isShrunk: true)
        throw ExitCode.failure
    }

    /// Carries a scenario out, the smallest that fails in the same way if wanted, and prints what happens.
    private func show(_ scenario: SimulatedRun, seed: UInt64, isShrunk: Bool) throws {
        var scenario = scenario
        let traces = GhostTraces()
        let first = try Trial.run(scenario, traces)
        if isShrunk, let rule = first.violation?.rule {
            var shrinker = Shrinker(rule) { try? Trial.run($0, traces).violation?.rule }
            scenario = shrinker.shrink(scenario)
        }
        let trial = try Trial.run(scenario, traces, isWritten: true)
        try StandardStream.output.print("seed \(seed): \(scenario)\n\(trial.timeline.text)")
        if let trace {
            try LocalFileSystem().replaceContents(
                of: FilePath(trace), with: Array(trial.timeline.chromeTrace.utf8), isDurable: false)
        }
        guard let violation = trial.violation else { return }
        let again = (size.ranks == 8 ? "" : " --ranks \(size.ranks)") + (mutant.map { " --mutant \($0)" } ?? "")
        try StandardStream.output.print(
            "\nseed \(seed) fails: \(violation)\nrepeat it by: simulate check --replay \(seed)\(again)")
        if let launches = trial.drilledLaunches {
            let lines = launches.map { "  \($0)" }.joined(separator: "\n")
            try StandardStream.output.print("with real ranks, about the same:\n\(lines)")
        }
        throw ExitCode.failure
    }
}

/// Seeds from one number to another.
struct SeedRange: ExpressibleByArgument {
    let first: UInt64
    let last: UInt64

    init(first: UInt64, last: UInt64) {
        self.first = first
        self.last = last
    }

    init?(argument: String) {
        let parts = argument.components(separatedBy: "...")
        guard let first = parts.first.flatMap(UInt64.init), let last = parts.last.flatMap(UInt64.init), first <= last,
            parts.count <= 2, last < .max
        else { return nil }
        self.init(first: first, last: last)
    }

    var defaultValueDescription: String { "\(first)...\(last)" }
}
