import Foundation
import Testing

@testable import Goodput

/// What a plan says of a job.
struct PlanTests {
    private static func request(ranks: Int = 512, _ change: (inout PlanRequest) -> Void = { _ in }) -> PlanRequest {
        var request = PlanRequest()
        request.ranks = ranks
        change(&request)
        return request
    }

    @Test func theBestIntervalIsDalysWhereHisFormulaHolds() {
        for ranks in [512, 8000] {
            let result = StrategyResult(Self.request(ranks: ranks), SaveStrategy(.sharded))
            let job = JobModel(
                JobCosts(), SaveStrategy(.sharded), .atRandom(FailureModel()), ranks: ranks, seed: 9)
            let atDaly = job.account(interval: result.dalySeconds, duration: 20_000 * job.mtbf).goodput
            let atBest = job.account(interval: result.bestSeconds, duration: 20_000 * job.mtbf).goodput
            // The top is flat: intervals may differ, what they leave does not.
            #expect(abs(atBest / atDaly - 1) < 0.002, "\(atBest) and \(atDaly)")
            #expect(abs(result.goodput / atBest - 1) < 0.02)
            #expect(result.shortestGoodSeconds <= result.dalySeconds && result.dalySeconds <= result.longestGoodSeconds)
        }
    }

    @Test func theRangeThatHardlyMattersIsThatOfTheFormula() {
        let request = Self.request(ranks: 20_000)
        let result = StrategyResult(request, SaveStrategy(.sharded))
        let mtbf = FailureModel().mtbf(hosts: 2500)
        let goodput = { (interval: Double) in
            SaveInterval.expectedGoodput(
                interval: interval, save: result.saves.stallSeconds, restart: result.saves.restartSeconds, mtbf: mtbf)
        }
        let enough = 0.99 * goodput(result.dalySeconds)
        // Just inside the formula still gives enough, well outside it does not.
        #expect(goodput(1.15 * result.shortestGoodSeconds) > enough)
        #expect(goodput(0.8 * result.shortestGoodSeconds) < enough)
        #expect(goodput(0.85 * result.longestGoodSeconds) > enough)
        #expect(goodput(1.25 * result.longestGoodSeconds) < enough)
    }

    @Test func moreRanksLeaveLess() {
        let curve = ScalingCurve(Self.request(), SaveStrategy(.sharded))
        #expect(curve.points.first?.ranks == 8 && curve.points.last?.ranks == 100_000)
        for (fewer, more) in zip(curve.points, curve.points.dropFirst()) {
            #expect(fewer.goodput > more.goodput)
            #expect(fewer.interval >= more.interval)
        }
    }

    @Test func aNoticeSufficesUpToSomeNumberOfRanks() {
        var costs = JobCosts()
        costs.state = .perRank(bytes: 1e9)
        costs.sharedBandwidth = 2e9
        costs.noticeSeconds = 120
        // 0.5 s and a step of 1 s and half a second a rank: 237 ranks, which are 29 hosts of 8.
        let grace = GraceCheck(costs, SaveStrategy(.sharded), ranks: 64)
        #expect(grace.suffices && grace.sufficesFrom == 8 && grace.tooShortFrom == 240)
        #expect(!GraceCheck(costs, SaveStrategy(.sharded), ranks: 240).suffices)
        costs.noticeSeconds = 2
        let none = GraceCheck(costs, SaveStrategy(.sharded), ranks: 64)
        #expect(none.sufficesFrom == nil && none.tooShortFrom == 8 && !none.suffices)
        costs.state = .total(bytes: 1e9)
        costs.noticeSeconds = 2.2
        let all = GraceCheck(costs, SaveStrategy(.sharded), ranks: 64)
        #expect(all.sufficesFrom == 16 && all.tooShortFrom == nil)
    }

    @Test func savesCostWhatTheirBytesAndWaysTake() {
        var costs = JobCosts()
        costs.saveOverheadSeconds = 1
        costs.state = .total(bytes: 100e9)
        let ranks = 64
        // 8 hosts of 1.25 GB/s are faster than 2 GB/s of storage.
        #expect(SaveCosts(costs, SaveStrategy(.sharded), ranks: ranks).stallSeconds == 51)
        // Seven eighths come to rank 0, and all of it leaves.
        #expect(SaveCosts(costs, SaveStrategy(.integrated), ranks: ranks).stallSeconds == 1 + 70 + 80)
        let async = SaveCosts(costs, SaveStrategy(.sharded, isAsynchronous: true), ranks: ranks)
        #expect(async.stallSeconds == 1 + 12.5 / 5 && async.lagSeconds == 51 && async.exitSaveSeconds == 51)
        #expect(async.longestStop(stepSeconds: 3) == 102)
        let local = SaveCosts(
            costs, SaveStrategy(.sharded, isAsynchronous: true, localCopies: .init(flushEvery: 4)), ranks: ranks)
        #expect(local.stallSeconds == 1 + 25 && local.lagSeconds == 51 && local.flushEvery == 4)
        let alone = SaveCosts(
            costs, SaveStrategy(.sharded, localCopies: .init(flushEvery: 4, hasPartner: false)), ranks: ranks)
        #expect(alone.stallSeconds == 1 + 12.5 && alone.flushStallSeconds == 51 && alone.lagSeconds == 0)
    }

    @Test func aDayHasNoHolesAndLosesWhatTheAccountSays() throws {
        let request = Self.request(ranks: 50_000)
        let job = JobModel(
            request.costs, SaveStrategy(.sharded, isAsynchronous: true), request.machines, ranks: 50_000, seed: 2)
        let segments = job.segments(interval: 300, window: 0..<86400)
        var clock = 0.0
        for segment in segments.sorted(by: { $0.begin < $1.begin }) {
            #expect(abs(segment.begin - clock) < 1e-6)
            clock = segment.end
        }
        #expect(abs(clock - 86400) < 1e-6)
        let account = job.account(interval: 300, duration: 86400)
        for (phase, time) in [
            (DayPhase.working, account.useful), (.lost, account.lost), (.saving, account.saving),
            (.restarting, account.restarting), (.waiting, account.waiting),
        ] {
            let drawn = segments.filter { $0.phase == phase }.reduce(0) { $0 + $1.end - $1.begin }
            #expect(abs(drawn - time) < 1e-3, "\(phase): \(drawn) and \(time)")
        }
        #expect(account.interruptions > 10 && account.lost > 0)
    }

    private static let wrong: [(@Sendable (inout PlanRequest) -> Void, String)] = [
        ({ $0.ranks = 0 }, "the number of ranks is 0; it must be from 1 to 100000"),
        ({ $0.ranks = 100_001 }, "the number of ranks is 100001; it must be from 1 to 100000"),
        ({ $0.costs.ranksPerHost = 0 }, "the number of ranks on a host is 0; it must be from 1 to 100000"),
        (
            { $0.costs.stepSeconds = 0 },
            "the time of a step in seconds is 0; it must be above 0 s and at most 1000 years"
        ),
        (
            { $0.costs.stepSeconds = .nan },
            "the time of a step in seconds is nan; it must be above 0 s and at most 1000 years"
        ),
        (
            { $0.costs.state = .total(bytes: -1) },
            "the size of the state in bytes is -1; it must be above 0 and at most 1e+18"
        ),
        (
            { $0.costs.state = .perRank(bytes: .infinity) },
            "the size of the state of a rank in bytes is inf; it must be above 0 and at most 1e+18"
        ),
        (
            { $0.costs.sharedBandwidth = 0 },
            "the bandwidth to shared storage is 0; it must be above 0 and at most 1e+18"
        ),
        ({ $0.costs.noticeSeconds = -1 }, "the notice is -1; it must be from 0 s to 1000 years"),
        ({ $0.days = 0 }, "the number of days is 0; it must be from 0.01 to 3660"),
        (
            { $0.interval = 0 },
            "the interval between saves in seconds is 0; it must be above 0 s and at most 1000 years"
        ),
        (
            { $0.copies.flushEvery = 0 },
            "the number of local saves for one to shared storage is 0; it must be from 1 to 1000000"
        ),
    ]

    @Test(arguments: wrong.indices) func whatMakesNoSenseIsRefused(index: Int) {
        let (change, sentence) = Self.wrong[index]
        let error = #expect(throws: GoodputError.self) { try Plan(Self.request(change)) }
        #expect(error?.description == sentence)
    }

    @Test func failuresThatMakeNoSenseAreRefused() throws {
        for (change, sentence): ((inout FailureModel) -> Void, String) in [
            (
                { $0.hostMTBF = 0 },
                "the mean time between failures of a host in seconds is 0; it must be above 0 s and at most 1000 years"
            ),
            (
                { $0.hostMTBF = 100 },
                "the mean time between failures of the whole job in seconds is 1.5625; it must be at least 10"
            ),
            ({ $0.hostsPerFailure = 0 }, "the number of hosts that fail together is 0; it must be from 1 to 100000"),
            ({ $0.processShare = 1.5 }, "the share of failures that end processes only is 1.5; it must be from 0 to 1"),
            ({ $0.noticedShare = .nan }, "the share of failures that are announced is nan; it must be from 0 to 1"),
        ] {
            var model = FailureModel()
            change(&model)
            let error = #expect(throws: GoodputError.self) { try Plan(Self.request { $0.machines = .atRandom(model) }) }
            #expect(error?.description == sentence)
        }
        let trace = try AvailabilityTrace(gapSeconds: 60, machines: [1, 2, 1])
        let error = #expect(throws: GoodputError.self) { try Plan(Self.request { $0.machines = .trace(trace) }) }
        #expect(error?.description == "data has at most 2 machines; 512 ranks with 8 on a host need 64")
    }
}
