import Foundation
import Testing

@testable import Goodput

/// Traces in SkyPilot's form: what they say, and what is wrong with others.
struct AvailabilityTraceTests {
    private func trace(_ text: String) throws -> AvailabilityTrace { try AvailabilityTrace(json: Array(text.utf8)) }

    @Test func aTraceIsRead() throws {
        let trace = try trace(#"{"metadata": {"gap_seconds": 300, "zone": "a"}, "data": [0, 4, 4, 3, 4, 0]}"#)
        #expect(trace.gapSeconds == 300 && trace.machines == [0, 4, 4, 3, 4, 0])
        #expect(
            trace.upTimes(hosts: 4) == [
                .init(begin: 300, end: 900, lostHosts: 1), .init(begin: 1200, end: 1500, lostHosts: 4),
            ])
        #expect(trace.upTimes(hosts: 3) == [.init(begin: 300, end: 1500, lostHosts: 3)])
        #expect(trace.upTimes(hosts: 5) == [])
    }

    @Test(arguments: [
        (
            #"{"metadata": {"gap_seconds": 300}, "data": [1, null, 1]}"#,
            "data[1] is null; a trace must have a number of machines at every tick"
        ),
        (#"{"metadata": {"gap_seconds": 300}, "data": [1, 0, "x"]}"#, "data[2] is no whole number of machines"),
        (
            #"{"metadata": {"gap_seconds": 300}, "data": [1, -1]}"#,
            "data[1] is -1; it must be a number of machines, from 0 to 1000000"
        ),
        (#"{"metadata": {"gap_seconds": 300}, "data": []}"#, "data is empty; it must have a tick"),
        (#"{"metadata": {"gap_seconds": 300}, "data": 3}"#, "data is no list of numbers of machines"),
        (
            #"{"metadata": {"gap_seconds": 0}, "data": [1]}"#,
            "metadata.gap_seconds is 0; it must be from a second to a year"
        ),
        (#"{"metadata": {"gap_seconds": "5"}, "data": [1]}"#, "metadata.gap_seconds is no number of seconds"),
        (
            #"{"metadata": {}, "data": [1]}"#,
            "metadata.gap_seconds is missing; a trace has metadata.gap_seconds and data"
        ),
        (#"{"data": [1]}"#, "metadata is missing; a trace has metadata.gap_seconds and data"),
        (#"{"metadata": {"gap_seconds": 300}}"#, "data is missing; a trace has metadata.gap_seconds and data"),
        (
            #"{"metadata": {"gap_seconds": 300}, "data": [1, 1.5]}"#,
            "the trace has a number that cannot be read: not written as JSON's are, a fraction for a whole number, or too large"
        ),
        (#"[1, 0]"#, "the trace is no object with metadata and data"),
    ])
    func whatIsWrongIsNamed(text: String, sentence: String) throws {
        let error = #expect(throws: GoodputError.self) { try trace(text) }
        #expect(error?.description == sentence)
    }

    @Test(arguments: ["[01, 1]", "[1-2, 1]", "[1, 1e]", "[1, 3.0.0]", "[1, 1e999]", "[1, 0.5]"])
    func aNumberThatCannotBeReadIsCalledThat(data: String) throws {
        let error = #expect(throws: GoodputError.self) {
            try trace(#"{"metadata": {"gap_seconds": 300}, "data": \#(data)}"#)
        }
        #expect(
            error?.description.hasPrefix("the trace has a number that cannot be read: not written as JSON's are, ")
                == true,
            "\(String(describing: error))")
    }

    @Test(arguments: ["", "{", #"{"metadata": {"gap_seconds": 300}, "data": [1,,2]}"#, #"{"data": [1] "metadata": 3}"#])
    func whatIsNoJSONIsCalledThat(text: String) throws {
        let error = #expect(throws: GoodputError.self) { try trace(text) }
        #expect(error?.description.hasPrefix("the trace is no JSON") == true, "\(String(describing: error))")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func spellsAreThoseOfTheTraceAgainAndAgain() throws {
        let trace = try AvailabilityTrace(gapSeconds: 100, machines: [2, 2, 0, 0, 2, 1, 2])
        var spells = try #require(TraceSpells(trace, hosts: 2, notice: 30, seed: 1))
        var clock = 0.0
        var starts: [Double] = []
        var lost: [Spell.End] = []
        for _ in 0..<4 {
            let spell = spells.next()
            clock += spell.wait
            starts.append(clock)
            clock += spell.length
            lost.append(spell.end)
            #expect(spell.notice == 30)
        }
        // The machines of the last tick are those of the first one.
        for (start, latest) in zip(starts, [0.0, 400, 600, 1100]) { #expect((latest - 100...latest).contains(start)) }
        #expect(lost == [.hosts(2), .hosts(1), .hosts(2), .hosts(1)])
    }

    @Test func machinesThatAreAlwaysThereAreNeverLost() throws {
        let trace = try AvailabilityTrace(gapSeconds: 100, machines: [2, 3, 2])
        var request = PlanRequest()
        request.effort = .quick
        request.ranks = 16
        request.machines = .trace(trace)
        let plan = try Plan(request)
        #expect(plan.account.interruptions == 0 && plan.account.waiting == 0 && plan.simulated.lost == 0)
        #expect(plan.scaling[0].points.map(\.ranks) == [8, 24])
    }

    @Test func waitingIsWhatTheTraceHasNoMachinesFor() throws {
        let trace = try AvailabilityTrace(gapSeconds: 600, machines: [1, 1, 1, 0] + Array(repeating: 1, count: 8))
        var request = PlanRequest()
        request.effort = .quick
        request.ranks = 8
        request.machines = .trace(trace)
        request.costs.noticeSeconds = 0
        request.days = 365
        let account = try Plan(request).simulated
        #expect(abs(account.waiting / account.total - 1.0 / 12) < 0.005)
        #expect(abs(Double(account.interruptions) - 365 * 12) <= 1)
    }
}
