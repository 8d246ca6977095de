import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Records
import Reporting
import Runs
import SystemPackage
import Testing
import Training

@testable import Stopping

/// Requests to stop what is no training.
struct StopRequestsTests {
    private let disk = MemoryFileSystem()
    private var halts: HaltDirectory { HaltDirectory(ofRun: output, files: disk) }

    @Test func requestToOneRankIsAgreedOnByAll() throws {
        let stops = try ThreadWorld.run(ranks: 3) { world in
            let source = AskedSource()
            let requests = try StopRequests(to: [], StopOptions(sources: [source]), in: world)
            #expect(try requests.agree(bringing: Int64(world.rank)) == 2)
            #expect(requests.stop == nil)
            if world.rank == 1 { source.ask() }
            try requests.agree()
            return requests.stop
        }
        #expect(stops.allSatisfy { $0?.rank == 1 && $0?.record.explanation == "a test" }, "\(stops)")
    }

    @Test func failureOfOneRankIsThrownOnAll() throws {
        let errors = try ThreadWorld.run(ranks: 3) { world in
            let requests = try StopRequests(to: [], in: world)
            return #expect(throws: RankFailure.self) { try requests.agree(world.rank == 2 ? Boom() : nil) }
        }
        #expect(errors == Array(repeating: RankFailure(rank: 2, reason: "boom"), count: 3))
    }

    /// One that was there before is for the next training, which has not begun.
    @Test func onlyHaltRequestsThatComeLaterAreHeardAndRemoved() throws {
        try halts.submit(request("old"))
        let requests = try listen()
        try requests.agree()
        #expect(requests.stop == nil)
        try halts.submit(request("new"))
        try requests.agree()
        #expect(requests.stop?.reason == .haltRequest)
        requests.settle()
        #expect(try halts.ids() == ["old"])
    }

    /// It is asked too, and removes the request when it has saved.
    @Test func haltRequestOfATrainingBesideStaysForIt() throws {
        let looker = Actor(.trainStepEnd) { context in
            guard context.position.step == 1 else { return }
            let requests = try listen()
            try halts.submit(request("r1"))
            try requests.agree()
            #expect(requests.stop?.reason == .haltRequest)
            requests.settle()
            #expect(try halts.ids() == ["r1"])
        }
        try smallModel().train(
            1, smallLoader(steps: 2), callbacks: [StatusReport(directory: output, files: disk), looker])
    }

    private func listen() throws -> StopRequests {
        let options = StopOptions(runDirectory: output, pollInterval: .zero)
        return try StopRequests(to: [], options, in: SoloCommunicator(), files: disk)
    }

    private func request(_ id: String) -> HaltRequest {
        HaltRequest(
            id: id, reason: nil, requester: .init(user: "anna", host: "node1", processIdentifier: 7),
            asked: Date(timeIntervalSince1970: 1_000_000), condition: .now)
    }
}
