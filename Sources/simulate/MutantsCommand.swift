import ArgumentParser
import Files
import Foundation
import Simulation

/// `simulate mutants`: tries the simulator by mistakes that are planted in the shipped code.
struct MutantsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutants", abstract: "Plant each mistake in turn, and see that the check finds it.",
        discussion: """
            Builds with mutants have them: debug builds, and others with -Xswiftc -DLOCKSTEP_MUTANTS. Exit codes: 0 all that \
            were tried were found; 1 some were not; 64 wrong command line.
            """)

    @Option(help: ArgumentHelp("How many seeds are tried at most for each.", valueName: "count"))
    var seeds: UInt64 = 20_000

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these, by their names, which stay, or their numbers.", valueName: "mutants"))
    var only: [String] = []

    @OptionGroup var size: CheckSize

    @Flag(help: "List them, and try none.")
    var list = false

    func validate() throws {
        for name in only { _ = try PlantedMutant.named(name, mustBePlantable: !list) }
        guard list || Mutant.canBePlanted else { throw PlantedMutant.notInThisBuild }
        guard seeds > 0 else { throw ValidationError("--seeds is 0; it must be at least 1") }
    }

    func run() throws {
        let wanted = try only.map { try PlantedMutant.named($0, mustBePlantable: false) }
        let mutants = Mutant.allCases.filter { wanted.isEmpty || wanted.contains($0) }
        var missed: [Mutant] = []
        for mutant in mutants {
            let outcome = list ? "" : try outcome(of: mutant, missed: &missed)
            try StandardStream.output.print("\(mutant.rawValue). \(mutant): \(mutant.sentence)\(outcome)")
        }
        guard !missed.isEmpty else { return }
        try StandardStream.output.print("not found: \(missed.map { "\($0)" }.joined(separator: ", "))")
        throw ExitCode.failure
    }

    private func outcome(of mutant: Mutant, missed: inout [Mutant]) throws -> String {
        let seeds = SeedRange(first: 1, last: seeds)
        let outcome = try CheckJobs(size.jobs, mutant: mutant, failures: 1).run(seeds, ranks: size.ranks)
        guard let seed = outcome.failed.first else {
            missed.append(mutant)
            return ": NOT FOUND in \(outcome.count) seeds"
        }
        // What fails without the mistake says nothing about it.
        let single = SeedRange(first: seed, last: seed)
        guard try CheckJobs(1).run(single, ranks: size.ranks).failed.isEmpty else {
            missed.append(mutant)
            return ": NOT FOUND before seed \(seed), which fails without it, too"
        }
        return ": found by seed \(seed)"
    }
}

/// A mistake that is asked for.
enum PlantedMutant {
    static let notInThisBuild = ValidationError(
        "this build has no mutants; use a debug build, or build with -Xswiftc -DLOCKSTEP_MUTANTS")

    /// By its name, or its number.
    static func named(_ name: String, mustBePlantable: Bool = true) throws -> Mutant {
        if let number = Int(name) { return try checked(number, mustBePlantable: mustBePlantable) }
        guard let mutant = Mutant.allCases.first(where: { "\($0)" == name }) else {
            throw ValidationError("there is no mutant '\(name)'; `simulate mutants --list` names them")
        }
        return try checked(mutant.rawValue, mustBePlantable: mustBePlantable)
    }

    private static func checked(_ number: Int, mustBePlantable: Bool) throws -> Mutant {
        guard let mutant = Mutant(rawValue: number) else {
            throw ValidationError("there is no mutant \(number); they are 1 to \(Mutant.allCases.count)")
        }
        guard Mutant.canBePlanted || !mustBePlantable else { throw notInThisBuild }
        return mutant
    }
}
