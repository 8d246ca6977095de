import Collectives
import Foundation
import OpenMPI

/// Something to run on all ranks of an `mpirun`; it throws if what it finds is wrong.
///
/// To add one, write a function in a file of its own and a line in ``RankCases/all``.
struct RankCase: Sendable {
    /// The most elements that one MPI call carries.
    var largestCount = Int(Int32.max)

    /// What to run, with the world and the arguments after the name of the case.
    let body: @Sendable (any Communicator, [String]) throws -> Void
}

/// `RankCases <case> [arguments] [-- <case> [arguments]]…`, started by `mpirun`: exits with 0 if the cases hold on all ranks, one
/// after the other. All need MPI calls of one size.
@main enum RankCases {
    static let all: [String: RankCase] = [
        "callback-failure": RankCase(body: callbackFailure),
        "conformance": RankCase(body: conformance),
        "conformance-checked": RankCase(body: conformanceWithChecks),
        "conformance-small-pieces": RankCase(largestCount: 7, body: conformanceInSmallPieces),
        "error-text": RankCase(body: errorText),
        "failure": RankCase(body: failure),
        "hang": RankCase(body: hang),
        "integrated-save": RankCase(body: integratedSave),
        "mismatch": RankCase(body: mismatch),
        "other-network": RankCase(body: otherNetwork),
        "overlap": RankCase(body: overlap),
        "overlap-small-pieces": RankCase(largestCount: 7, body: overlap),
        "publish-failure": RankCase(body: publishFailure),
        "resumed-state": RankCase(body: resumedState),
        "write-failure": RankCase(body: writeFailure),
    ]

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        // It makes the world by itself.
        if arguments.first == "rank-program" { runRankProgram(Array(arguments.dropFirst())) }
        let calls = arguments.split(separator: "--")
        let cases = calls.compactMap { all[$0.first ?? ""] }
        guard cases.count == calls.count, Set(cases.map(\.largestCount)).count == 1 else {
            complain("RankCases needs some of these names: \(all.keys.sorted().joined(separator: ", "))")
            exit(2)
        }
        let environment = try MPIEnvironment(largestCount: cases[0].largestCount)
        let world = environment.world
        for (call, rankCase) in zip(calls, cases) {
            do {
                try rankCase.body(world, Array(call.dropFirst()))
            } catch {
                complain("rank \(world.rank): \(error)")
                environment.abort(code: 1)
            }
        }
        try environment.finalize()
        for call in calls { print("rank \(world.rank) of \(world.size): \(call.joined(separator: " ")) holds") }
    }

    private static func complain(_ sentence: String) {
        FileHandle.standardError.write(Data("\(sentence)\n".utf8))
    }
}

/// What a case found wrong.
struct CaseFailure: Error, CustomStringConvertible {
    let description: String
}

/// Throws if `condition` does not hold.
func require(_ condition: Bool, _ failure: @autoclosure () -> String) throws(CaseFailure) {
    guard condition else { throw CaseFailure(description: failure()) }
}
