import ArgumentParser
import Glibc
import Lockstep
import Logging
import Simulation
import Terminal

/// The ranks of a program as threads of this process, where the command line says `--simulated-ranks`.
enum SimulatedMain {
    static let name = "simulated-ranks"
    static let option = "--" + name

    /// How many ranks the command line asks for, before anything else of it is looked at; nil if it asks for none.
    ///
    /// - Throws: `ValidationError` for what is no number of ranks.
    static func ranks(in arguments: [String]) throws -> Int? {
        let options = arguments.prefix { $0 != "--" }
        guard let index = options.firstIndex(where: { $0 == option || $0.hasPrefix(option + "=") }) else { return nil }
        let isApart = options[index] == option
        let text = isApart ? options.dropFirst(index + 1).first : String(options[index].dropFirst(option.count + 1))
        guard let text, let ranks = Int(text), allowed.contains(ranks) else {
            throw ValidationError(
                "\(option) is \(text ?? "the last word"); it must be \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return ranks
    }

    static let allowed = 1...100_000

    /// Lets `body` run on each rank with a launch of its own, and returns how the process ends.
    static func run(
        ranks: Int, of program: String, in surroundings: any Surroundings,
        _ body: @escaping @Sendable (Launch) -> Launch.Outcome
    ) -> ExitStatus {
        do {
            guard !MPIEnvironment.isUnderLauncher else {
                throw ValidationError(
                    "\(option) is for a program that no mpirun has started: its ranks are all in one process")
            }
            ForcedExit.install(program: program, rank: 0)
            let code = try SimulatedWorld.runProgram(ranks: ranks, seed: surroundings.unguessableNumber()) { rank in
                do {
                    let launch = try Launch(of: program, simulated: rank)
                    return launch.leave(with: body(launch)).rawValue
                } catch {
                    Console.fail("\(error)", by: program)
                    return ExitStatus.failure.rawValue
                }
            }
            return ExitStatus(rawValue: code)
        } catch {
            Console.fail("\(error)", by: program)
            return error is ValidationError ? .usage : .failure
        }
    }
}
