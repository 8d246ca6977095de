import Files
import Foundation
import Testing

@testable import Stopping

/// Any number of halt requests, of which a look reads some and a step none.
struct PendingRequestsTests {
    private func entry(_ id: FileName, _ condition: HaltRequest.Condition?) -> PendingRequests.Entry {
        let request = condition.map { condition in
            HaltRequest(
                id: id.text, reason: nil, requester: .init(user: "anna", host: "node1", processIdentifier: 7),
                asked: Date(timeIntervalSince1970: 1_000_000), condition: condition)
        }
        return PendingRequests.Entry(contents: Array("\(id)".utf8), request: request, due: nil)
    }

    private let ids = (100..<130).compactMap { FileName("r\($0)") }

    @Test func aLookReadsWhatIsNewFirstAndTheOthersInTurn() {
        var requests = PendingRequests()
        var read: [FileName] = []
        for _ in 0..<3 {
            let turn = requests.turn(of: ids, limit: 10)
            #expect(turn.count == 10)
            for id in turn { requests[id] = entry(id, .afterStep(1000)) }
            read += turn
        }
        #expect(read == ids)
        let more = requests.turn(of: ["a"] + ids, limit: 10)
        #expect(more.first == "a" && more.count == 10)
        requests["a"] = entry("a", .now)
        read = (0..<4).flatMap { _ in requests.turn(of: ["a"] + ids, limit: 10) }
        #expect(Set(read) == Set(["a"] + ids))
    }

    @Test func fewAreAllReadEachTime() {
        var requests = PendingRequests()
        for id in ids { requests[id] = entry(id, nil) }
        for _ in 0..<3 { #expect(Set(requests.turn(of: ids, limit: 1000)) == Set(ids)) }
    }

    @Test func whatIsGoneIsForgotten() {
        var requests = PendingRequests()
        requests["a"] = entry("a", .now)
        #expect(requests.due(step: 1, sets: 0, in: .system).map(\.id) == ["a"])
        #expect(requests.turn(of: [], limit: 10) == [])
        #expect(requests.due(step: 1, sets: 0, in: .system) == [])
    }

    @Test func eachIsDueAtItsMomentAmongAnyOthers() {
        var requests = PendingRequests()
        for id in ids { requests[id] = entry(id, .afterStep(.max)) }
        requests["most"] = entry("most", .afterCheckpoints(.max))
        requests["none"] = entry("none", nil)
        requests["step"] = entry("step", .afterStep(5))
        requests["later"] = entry("later", .at(.distantFuture))
        #expect(requests.due(step: 4, sets: 3, in: .system) == [])
        requests["sets"] = entry("sets", .afterCheckpoints(2))
        #expect(requests.due(step: 4, sets: 4, in: .system) == [])
        #expect(requests.due(step: 5, sets: 5, in: .system).map(\.id) == ["step"])
        #expect(requests.due(step: 5, sets: 6, in: .system).map(\.id) == ["sets", "step"])
        requests["past"] = entry("past", .at(Date(timeIntervalSince1970: 1)))
        requests["now"] = entry("now", .now)
        #expect(requests.due(step: 0, sets: 6, in: .system).map(\.id) == ["now", "past", "sets"])
    }

    /// "é" as one code point, and as an e with an accent behind it, are two files.
    @Test func namesAreComparedByTheirBytes() {
        var requests = PendingRequests()
        let ids: [FileName] = ["\u{E9}", "e\u{301}"]
        for id in ids { requests[id] = entry(id, .now) }
        #expect(requests.due(step: 1, sets: 0, in: .system).count == 2)
        #expect(requests.turn(of: ids, limit: 10).count == 2)
    }
}
