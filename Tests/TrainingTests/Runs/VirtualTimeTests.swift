import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Foundation
import Graphs
import Networks
import Records
import Runs
import Stopping
import SurroundingsTestKit
import Synchronization
import SystemPackage
import Tensors
import Testing
import Training

/// Runs by a clock that nobody waits for: their steps take minutes, and the tests do not.
struct VirtualTimeTests {
    private let folder = TestRunFolder()
    private let surroundings = VirtualSurroundings()

    /// Trains for 3 epochs of 4 steps, of which each takes 400 seconds.
    private func train(
        in name: String = "out", _ plan: RunPlan, on surroundings: VirtualSurroundings,
        world: any Communicator = SoloCommunicator(), _ callbacks: [Callback] = []
    ) throws -> RunOutcome {
        let run = try Run(in: folder.path(name).string, world: world, plan: plan, surroundings: surroundings)
        let slow = Actor(.trainStepBegin) { $0.surroundings.sleep(for: .seconds(400)) }
        return try run.fit(
            smallModel(world: run.world), epochs: 3, smallLoader(steps: 4, batchSize: 6), callbacks: callbacks + [slow])
    }

    @Test func aDeadlineIsKeptAndASetIsSavedEverySoManySeconds() throws {
        let deadline = Deadline("--max-time 1h", end: surroundings.now + .seconds(3600))
        let plan = RunPlan(stops: StopPlan(deadlines: [deadline]), saves: [.every(seconds: 1000), .onStop])
        let outcome = try train(plan, on: surroundings)
        #expect(outcome.stop?.reason == .deadline && outcome.position.step == 9)
        #expect(outcome.stop?.record.time == Date(timeIntervalSince1970: 1e9 + 3600))
        #expect(try Set(folder.sets("out")) == ["CKP-1_3", "CKP-2_2", "CKP-3_1", "Net_train"])
        #expect(surroundings.elapsed == .seconds(3600))
    }

    /// The request is for ten minutes later, or for at once; it is laid down in the third step.
    @Test(arguments: [(nil, 3), (600.0, 4)])
    func aHaltRequestIsSeenByThePoll(delay: Double?, stop: Int) throws {
        let asks = Actor(.trainStepBegin) { context in
            guard context.position.step == 2 else { return }
            let due = delay.map { HaltRequest.Condition.at(context.surroundings.date + $0) }
            let request = HaltRequest(due ?? .now, delay: delay, in: context.surroundings)
            try HaltDirectory(ofRun: folder.path("out")).submit(request)
        }
        let outcome = try train(RunPlan(stops: StopPlan()), on: surroundings, [asks])
        #expect(outcome.stop?.reason == .haltRequest && outcome.position.step == stop)
        #expect(try HaltDirectory(ofRun: folder.path("out")).ids().isEmpty)
    }

    @Test func theWatchdogEndsARunThatStandsStill() throws {
        let (codes, path) = (Codes(), folder.path("out"))
        let surroundings = VirtualSurroundings { code in
            codes.all.withLock { $0.append((code, RunStatus.read(in: path)?.error)) }
        }
        let hangs = Actor(.trainStepBegin) { context in
            if context.position.step == 5 { context.surroundings.sleep(for: .seconds(1000)) }
        }
        _ = try train(RunPlan(stops: StopPlan(), watchdog: .minutes(10)), on: surroundings, [hangs])
        let ends = codes.all.withLock { $0 }
        #expect(ends.map(\.code) == [ExitStatus.noProgress.rawValue])
        #expect(ends.first?.error?.contains("no progress for 600 seconds") == true)
    }

    /// Clocks of ranks that are hours apart, of which one sees the deadline first.
    @Test func ranksWithClocksOfTheirOwnStopTogether() throws {
        let folder = folder
        let outcomes = try ThreadWorld.run(ranks: 2) { world in
            let surroundings = VirtualSurroundings(
                date: Date(timeIntervalSince1970: 1e9 + 7200 * Double(world.rank)), seed: UInt64(world.rank),
                host: "node\(world.rank)", processIdentifier: 100 + world.rank)
            let end = surroundings.now + .seconds(world.rank == 0 ? 100_000 : 2000)
            let plan = RunPlan(stops: StopPlan(deadlines: [Deadline("a test", end: end)]))
            let run = try Run(in: folder.path("out").string, world: world, plan: plan, surroundings: surroundings)
            let slow = Actor(.trainStepBegin) { $0.surroundings.sleep(for: .seconds(400)) }
            return try run.fit(
                smallModel(world: run.world), epochs: 3, smallLoader(steps: 4, batchSize: 6), callbacks: [slow])
        }
        #expect(outcomes.map(\.position.step) == [5, 5])
        #expect(outcomes.map { $0.stop?.rank } == [1, 1])
        #expect(outcomes[0].stop?.record.host == "node1")
        #expect(outcomes[0].stop?.record.time == Date(timeIntervalSince1970: 1e9 + 7200 + 2000))
        let status = try #require(RunStatus.read(in: folder.path("out")))
        #expect(status.processes.map(\.host) == ["node0", "node1"])
        #expect(status.updated == Date(timeIntervalSince1970: 1e9 + 2000))
    }

    /// Ids and times come from what the run was given, so that it repeats to the byte.
    @Test func theSameSurroundingsGiveTheSameManifests() throws {
        let plan = RunPlan(stops: StopPlan(), saves: [.every(steps: 4), .onStop, .atEnd])
        func manifests(_ name: String, seed: UInt64) throws -> [[UInt8]] {
            _ = try train(in: name, plan, on: VirtualSurroundings(seed: seed))
            let path = folder.path(name)
            return try folder.sets(name).map {
                try LocalFileSystem().contents(of: path.appending("\($0).manifest.json"), limit: 1 << 20)
            }
        }
        let first = try manifests("a", seed: 7)
        #expect(first.count == 4)
        #expect(try manifests("b", seed: 7) == first)
        #expect(try manifests("c", seed: 8) != first)
    }

    @Test func aRunWaitsHalfAMinuteForAnotherToLeave() throws {
        let held = try RunLock(folder.path("out"))
        #expect(throws: RunLockError.self) { try RunLock(folder.path("out"), surroundings: surroundings) }
        #expect(surroundings.elapsed >= .seconds(30) && surroundings.elapsed < .seconds(31))
        withExtendedLifetime(held) {}
    }
}

/// Runs that have neither the machine's time nor its files.
struct VirtualRunTests {
    private let disk = MemoryFileSystem()
    private let surroundings = VirtualSurroundings()

    /// Trains for 12 steps of 400 seconds each, or to a deadline.
    private func train(endingAfter seconds: Double? = nil) throws -> (outcome: RunOutcome, weights: [[Float]]) {
        let deadlines = seconds.map { [Deadline("a test", end: surroundings.now + .seconds($0))] } ?? []
        let plan = RunPlan(stops: StopPlan(deadlines: deadlines), saves: [.every(steps: 3), .onStop, .atEnd])
        let run = try Run(in: "/lockstep/out", plan: plan, files: disk, surroundings: surroundings)
        let model = smallModel()
        let slow = Actor(.trainStepBegin) { $0.surroundings.sleep(for: .seconds(400)) }
        let outcome = try run.fit(model, epochs: 3, smallLoader(steps: 4, batchSize: 6), callbacks: [slow])
        return (outcome, model.network.parameters.map { $0.tensor.elements(of: Float.self) })
    }

    @Test func aRunIsStoppedAndCarriedOnWithNothingOfTheMachine() throws {
        let stopped = try train(endingAfter: 2000).outcome
        #expect(stopped.position.step == 5 && stopped.isToBeCarriedOn)
        let rest = try train()
        #expect(rest.outcome.isComplete && rest.outcome.resumed?.position.step == 5)
        #expect(try rest.weights == VirtualRunTests().train().weights)
        #expect(RunStatus.read(in: "/lockstep/out", files: disk)?.state == .finished)
        #expect(!FileManager.default.fileExists(atPath: "/lockstep"))
    }

    @Test func twoRunsOfOneProcessKeepEachOtherOut() throws {
        let first = try RunLock("/lockstep/out", files: disk, surroundings: surroundings)
        var told: [String] = []
        let error = #expect(throws: RunLockError.self) {
            try RunLock("/lockstep/out", files: disk, surroundings: surroundings) { told.append($0) }
        }
        #expect(error?.holder == "process 4711 on node1" && told == ["process 4711 on node1"])
        withExtendedLifetime(first) {}
        #expect(throws: Never.self) { try RunLock("/lockstep/b", files: disk, surroundings: surroundings) }
    }

    @Test func whatFailsBeforeTheFirstStepLeavesNoDirectoryBehind() throws {
        let run = try Run(
            in: "/lockstep/out", plan: RunPlan(stops: StopPlan()), files: disk, surroundings: surroundings)
        #expect(throws: Boom.self) { try run.prepare { throw Boom() } }
        #expect(try disk.status(of: "/lockstep/out") == nil)
    }
}

/// How processes were ended, and what was on record then.
private final class Codes: Sendable {
    let all = Mutex<[(code: Int32, error: String?)]>([])
}
