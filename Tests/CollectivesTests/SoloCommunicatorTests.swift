import Collectives
import CollectivesTestKit
import Testing

@Suite struct SoloCommunicatorTests {
    @Test func conforms() throws {
        try CommunicatorConformance(SoloCommunicator()).run()
    }

    @Test func hasNobodyToTalkTo() {
        let world = SoloCommunicator(name: "alone")
        let error = #expect(throws: CollectiveError.self) { try world.send([Float(1)].span, to: 1, tag: 0) }
        #expect(error?.description == "send failed on rank 0 of alone: there is no rank 1 in a world of one")
    }
}
