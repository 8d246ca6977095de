import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Records
import Runs
import Stopping
import SurroundingsTestKit
import SystemPackage
import Testing
import Training
import Watching

@testable import Reporting

/// The account of runs of 3 epochs of 4 steps, of which each takes 100 seconds.
struct AccountTests {
    private let disk = MemoryFileSystem()
    private let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 4), .onStop])

    /// A launch that begins so many seconds after the first one.
    @discardableResult
    private func launch(
        after seconds: Double, on disk: MemoryFileSystem, stoppingAfter step: Int? = nil, _ callbacks: [Callback] = []
    ) throws -> RunOutcome {
        let surroundings = VirtualSurroundings(date: Date(timeIntervalSince1970: 1e9 + seconds), seed: UInt64(seconds))
        let asked = AskedSource()
        var plan = plan
        plan.stops.sources.append(asked)
        let run = try Run(in: "/out", plan: plan, files: disk, surroundings: surroundings)
        let works = Actor(.trainStepBegin) { $0.surroundings.sleep(for: .seconds(100)) }
        let asks = Actor(.trainStepEnd) { if $0.position.step == step { asked.ask() } }
        // It takes 30 seconds to be able to train.
        _ = try run.prepare { surroundings.sleep(for: .seconds(30)) }
        return try run.fit(
            smallModel(world: run.world), epochs: 3, smallLoader(steps: 4, batchSize: 6),
            callbacks: [works, asks] + callbacks)
    }

    private func account(_ disk: MemoryFileSystem) throws -> RunAccount {
        try #require(try AccountReport.account(of: "/out", files: disk))
    }

    /// What a kill in a step leaves.
    private func killed(inStep step: Int, launchedAfter seconds: Double, on disk: MemoryFileSystem) throws
        -> MemoryFileSystem
    {
        var left = disk.copy()
        let kill = Actor(.trainStepBegin) { if $0.position.step == step - 1 { left = disk.copy() } }
        try launch(after: seconds, on: disk, [kill])
        return left
    }

    @Test func aRunWithoutTroubleIsProductive() throws {
        try launch(after: 0, on: disk)
        let account = try account(disk)
        #expect(account.launches.count == 1 && account.launches[0].ending == .finished)
        #expect(account.launches[0].first == 0 && account.launches[0].step == 12)
        #expect(account.seconds.starting == 30 && account.seconds.productive == 1200)
        #expect(account.total == 1230 && account.seconds.repeated == 0 && account.other == 0)
    }

    @Test func aStopAndAKillCostWhatTheyCost() throws {
        try launch(after: 0, on: disk, stoppingAfter: 6)
        // The first launch took 630 seconds. The second one saves step 8, and dies in step 11, when step 10 is known.
        let left = try killed(inStep: 11, launchedAfter: 1000, on: disk)
        try launch(after: 2000, on: left)
        let account = try account(left)
        #expect(account.launches.map(\.ending) == [.stopped, .killed, .finished])
        #expect(account.launches.map(\.first) == [0, 6, 8] && account.launches.map(\.step) == [6, 10, 12])
        #expect(account.launches[0].reason == "a signal" && account.launches[0].request?.requester == "a person")
        let stop = try #require(account.launches[0].cost)
        #expect(stop.away == 370 && stop.starting == 30 && stop.repeating == 0 && stop.lostSteps == 0)
        let kill = try #require(account.launches[1].cost)
        // It is known to have lived for 430 seconds.
        #expect(kill.away == 570 && kill.starting == 30 && kill.repeating == 200 && kill.lostSteps == 2)
        #expect(account.idle == 370 && account.restarting == 570)
        #expect(account.seconds.productive == 1200 && account.seconds.repeated == 200)
        #expect(account.total == 2430 && abs(account.goodput - 1200 / 2430) < 1e-9)
        let lines = account.lines
        #expect(lines[0].contains("3 launches") && lines[0].contains("goodput 49.4 % of 40.5 min"), "\(lines)")
        #expect(lines.contains { $0.contains("stopped: a signal (a test) from a person asked rank 0") })
        #expect(lines.contains { $0.contains("steps 7 to 10") && $0.contains("killed or lost") })
        #expect(lines.contains { $0.contains("3.33 min to make steps again (2 steps lost)") }, "\(lines)")
    }

    /// Launches that die before their first step lose nothing, and what is made again is charged to who lost it.
    @Test func aLaunchWithoutAStepCostsNoSteps() throws {
        let left = try killed(inStep: 11, launchedAfter: 0, on: disk)
        do {
            // It lets go of the directory with the run.
            let run = try Run(
                in: "/out", plan: plan, files: left,
                surroundings: VirtualSurroundings(date: Date(timeIntervalSince1970: 1e9 + 2000)))
            #expect(throws: Boom.self) { try run.prepare { throw Boom() } }
        }
        try launch(after: 3000, on: left)
        let account = try account(left)
        #expect(account.launches.map(\.first) == [0, nil, 8])
        let costs = account.launches.map(\.cost)
        #expect(costs[0]?.lostSteps == 2 && costs[0]?.repeating == 200)
        #expect(costs[1]?.lostSteps == 0 && costs[1]?.repeating == 0)
    }

    /// What a terminal would act on, and a line of its own, come from errors and requests.
    @Test func textsOfOthersStayInTheirLines() throws {
        struct Lines: Error, CustomStringConvertible {
            let description = "a\nlaunch 2: finished\u{1B}"
        }
        let breaks = Actor(.trainStepEnd) { _ in throw Lines() }
        #expect(throws: Lines.self) { try launch(after: 0, on: disk, [breaks]) }
        let account = try account(disk)
        #expect(account.lines.allSatisfy { !$0.contains("\n") && !$0.contains("\u{1B}") }, "\(account.lines)")
    }

    @Test func whoMayNotAskForTheDirectoryIsToldThatItMayGoOn() throws {
        let left = try killed(inStep: 11, launchedAfter: 0, on: disk)
        #expect(try account(left).launches[0].ending == .killed)
        let account = try #require(try AccountReport.account(of: "/out", files: WithoutLocks(base: left)))
        #expect(account.launches[0].ending == .unknown)
        #expect(account.lines.contains { $0.contains("it goes on or was killed") })
    }

    /// A kill in a write leaves half a line: the next launch begins a line of its own.
    @Test func aLineThatWasCutOffIsToldApart() throws {
        let left = try killed(inStep: 7, launchedAfter: 0, on: disk)
        let whole = try left.contents(of: "/out/account.jsonl", limit: 1 << 20)
        for cut in [1, 20, whole.count / 3] {
            let torn = left.copy()
            try torn.replaceContents(of: "/out/account.jsonl", with: Array(whole.dropLast(cut)))
            let before = try account(torn)
            #expect(before.isTorn == (cut > 1) && before.unreadable == 0 && before.launches[0].ending == .killed)
            try launch(after: 5000, on: torn)
            let after = try account(torn)
            #expect(after.launches.map(\.ending) == [.killed, .finished] && !after.isTorn && after.unreadable == 0)
        }
    }

    @Test func whatIsNoAccountIsLeftOut() throws {
        try disk.createDirectory("/out")
        try disk.replaceContents(of: "/out/account.jsonl", with: Array("{}\nno JSON\n\n".utf8))
        #expect(try AccountReport.account(of: "/out", files: disk) == nil)
        #expect(try AccountReport.account(of: "/other", files: disk) == nil)
        try launch(after: 0, on: disk)
        #expect(try account(disk).launches.map(\.ending) == [.finished])
    }

    @Test func anErrorAndAnotherRunAreToldApart() throws {
        #expect(throws: Boom.self) { try launch(after: 0, on: disk, [Actor.raising(.trainStepEnd, step: 2)]) }
        let failed = try account(disk)
        #expect(failed.launches.map(\.ending) == [.failed] && failed.launches[0].error == "boom")
        // Nothing was saved, so this is another run.
        try launch(after: 1000, on: disk)
        let account = try account(disk)
        #expect(account.launches.map(\.ending) == [.finished] && account.otherLaunches == 1)
        #expect(account.seconds.repeated == 0)
        #expect(try account.json.contains("\"goodput\""))
    }

    /// A full disk is no reason to end a run.
    @Test func aRunGoesOnWithoutAnAccount() throws {
        let run = try Run(
            in: "/out", plan: plan, files: WithoutAccount(base: disk), surroundings: VirtualSurroundings())
        #expect(try run.fit(smallModel(world: run.world), epochs: 3, smallLoader(steps: 4, batchSize: 6)).isComplete)
    }

    /// Rank 1 of 2 takes 100 ms for a step, the other nothing.
    @Test func theSlowRankIsNamedAndWaitedFor() throws {
        let disk = disk
        let status = try ThreadWorld.run(ranks: 2) { world in
            var plan = RunPlan(stops: StopPlan(), stragglers: StragglerRule(factor: 2, duration: .milliseconds(300)))
            plan.saves = []
            let run = try Run(in: "/out", world: world, plan: plan, files: disk)
            let works = Actor(.trainStepBegin) { context in
                if world.rank == 1 { context.surroundings.sleep(for: .milliseconds(100)) }
            }
            var status: RunStatus?
            let looks = Actor(.trainEnd) { _ in status = RunStatus.read(in: "/out", files: disk) }
            try run.fit(
                smallModel(world: run.world), epochs: 8, smallLoader(steps: 4, batchSize: 6), callbacks: [works, looks])
            return status
        }
        #expect(status[0]?.slow?.map(\.rank) == [1])
        let account = try account(disk)
        #expect(account.stragglers.map(\.rank) == [1] && account.stragglers[0].factor > 2)
        #expect(account.seconds.waiting > 0.8)
        #expect(account.lines.contains { $0.hasPrefix("slow: rank 1 on ") })
    }
}

/// A disk on which somebody may not lock.
private struct WithoutLocks: ForwardingFileSystem {
    let base: any FileSystem

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        if operation == .lock { throw FileError("lock", path, .permissionDenied) }
        return try body()
    }
}

/// A disk on which no account has room.
private struct WithoutAccount: ForwardingFileSystem {
    let base: any FileSystem

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        if operation == .create, path.string.contains("account") { throw FileError("create", path, .noSpace) }
        return try body()
    }
}
