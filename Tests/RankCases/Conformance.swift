import Collectives
import CollectivesTestKit

/// The suite that every communicator must pass.
func conformance(on world: any Communicator, arguments: [String]) throws {
    try CommunicatorConformance(world).run()
}

/// The same with calls split all the time; fewer elements, as each piece is a call.
func conformanceInSmallPieces(on world: any Communicator, arguments: [String]) throws {
    try CommunicatorConformance(world, largeCount: 1_001).run()
}

/// The same where every call is compared with those of the other ranks.
func conformanceWithChecks(on world: any Communicator, arguments: [String]) throws {
    try CommunicatorConformance(CheckedCommunicator(world), largeCount: 1_001).run()
}
