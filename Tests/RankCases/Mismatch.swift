import Collectives
import CollectivesTestKit

/// Rank 1 makes another call than the others, as the argument says; whoever notices first ends all.
func mismatch(on world: any Communicator, arguments: [String]) throws {
    let kinds = CallMismatch.allCases.map(\.rawValue).joined(separator: ", ")
    guard let mismatch = arguments.first.flatMap(CallMismatch.init) else {
        throw CaseFailure(description: "a mismatch is one of \(kinds)")
    }
    try mismatch.make(on: CheckedCommunicator(world))
}
