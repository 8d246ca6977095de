import DiskSimulation
import Drills
import Files
import Foundation
import Simulation
import SurroundingsTestKit
import SystemPackage
import Testing

struct CheckTests {
    private let traces = GhostTraces()

    private func trial(_ scenario: SimulatedRun, isWritten: Bool = false) throws -> Trial {
        let trial = try Trial(scenario, trace: traces, isWritten: isWritten)
        trial.run()
        return trial
    }

    @Test(arguments: 1...20) func whatMustHoldHolds(seed: UInt64) throws {
        let trial = try trial(SimulatedRun.draw(seed: seed, ranks: 4))
        #expect(trial.violation == nil)
    }

    @Test func aRunRepeatsToTheEvent() throws {
        let scenario = SimulatedRun.draw(seed: 4, ranks: 4)
        let first = try trial(scenario, isWritten: true).timeline
        #expect(first.entries.count > 50)
        #expect(try trial(scenario, isWritten: true).timeline.text == first.text)
        var other = scenario
        other.seed += 1
        #expect(try trial(other, isWritten: true).timeline.text != first.text)
    }

    /// A run began at once after another, and one of its hosts did not see a file of the newest set yet: seeds 489, with more ranks,
    /// and 223, with one rank alone, as they were drawn then.
    @Test(arguments: [8, 1]) func filesThatAreNotSeenYetAreWaitedFor(ranks: Int) throws {
        for seed in 1...12 as ClosedRange<UInt64> {
            var run = SimulatedRun(seed: seed, ranks: [2, ranks])
            (run.ranksPerHost, run.tensorParts) = (1, 2)
            run.mishaps = [Mishap(launch: 0, moment: 0, kind: .halt(.afterStep(1)))]
            #expect(try trial(run).violation == nil, "seed \(seed)")
        }
    }

    /// The run makes its directory: a power failure takes that away, with the set in it, unless its name is durable.
    @Test func aNewDirectoryIsDurableBeforeASetIsPublishedInIt() throws {
        var run = SimulatedRun(seed: 1, ranks: [1])
        (run.epochs, run.stepsPerEpoch, run.saveEvery) = (1, 1, nil)
        #expect(try trial(run).violation == nil)
    }

    /// Ranks of other numbers carry on, bit for bit.
    @Test func aRunThatLosesPowerInEveryPhaseEndsAsItShould() throws {
        for moment in stride(from: 0.0, to: 1.0, by: 0.1) {
            var scenario = SimulatedRun(seed: 7, ranks: [4, 2, 8])
            scenario.mishaps = (0...2).map { Mishap(launch: $0, moment: moment, kind: .powerFailure) }
            let trial = try trial(scenario)
            #expect(trial.violation == nil)
        }
    }

    @Test func shrinkingKeepsWhatMatters() throws {
        var scenario = SimulatedRun.draw(seed: 11, ranks: 8)
        scenario.mishaps = [
            Mishap(launch: 0, moment: 0.1, kind: .signal(rank: 0)), Mishap(launch: 0, moment: 0.5, kind: .powerFailure),
            Mishap(launch: 0, moment: 0.6, kind: .withdrawal),
        ]
        var shrinker = Shrinker(.nothingIsLeft) { scenario in
            scenario.mishaps.contains { $0.kind == .powerFailure } && scenario.ranks.max() ?? 0 > 1
                ? .nothingIsLeft : nil
        }
        let smallest = shrinker.shrink(scenario)
        #expect(smallest.mishaps.map(\.kind) == [.powerFailure])
        #expect(smallest.ranks == [2] && smallest.epochs == 1 && smallest.stepsPerEpoch == 1)
    }

    /// Two sets of a schedule stay in each scenario; one invariant wants one.
    @Test func invariantsOfOnesOwnAreLookedAtAfterEachLaunch() throws {
        var run = SimulatedRun(seed: 3, ranks: [2])
        run.invariants["at most one set"] = { files, directory in
            let sets = ((try? files.names(in: directory)) ?? []).filter { $0.hasPrefix("ghost-") }
            return sets.count > 1 ? "there are \(sets.count)" : nil
        }
        let violation = try trial(run).violation
        #expect(violation?.rule == .own && violation?.found.contains("at most one set: there are 2") == true)
    }

    @Test func aCallbackThatThrowsOnOneRankEndsAllAlike() throws {
        for rank in 0..<4 {
            var run = SimulatedRun(seed: UInt64(rank), ranks: [4])
            run.mishaps = [Mishap(launch: 0, moment: 0.3, kind: .failure(rank: rank))]
            let trial = try trial(run, isWritten: true)
            #expect(trial.violation == nil)
            #expect(trial.timeline.text.contains("the ghost has had enough"))
        }
    }

    /// After the step in which it asks, on whichever rank, and not before.
    @Test func aCallbackThatAsksStopsAllAfterItsStep() throws {
        for rank in 0..<4 {
            var run = SimulatedRun(seed: UInt64(rank), ranks: [4, 2])
            run.mishaps = [Mishap(launch: 0, moment: 0.4, kind: .call(rank: rank))]
            let trial = try trial(run, isWritten: true)
            #expect(trial.violation == nil)
            #expect(trial.timeline.text.contains("asks for a stop") && trial.timeline.text.contains("launch 2"))
        }
    }

    /// What hosts and launchers do to a run on several hosts, beside what another run has left, by clocks that drift.
    @Test(arguments: [Mishap.Kind.notice(seconds: 0.5), .split(host: 1, seconds: 4), .slowRank(3)])
    func whatBefallsTheMachinesDoesNoHarm(kind: Mishap.Kind) throws {
        for moment in stride(from: 0.1, to: 1, by: 0.3) {
            var run = SimulatedRun(seed: 3, ranks: [4, 4])
            (run.drifts, run.hasLeftovers) = ([0.1, -0.1], true)
            run.mishaps = [Mishap(launch: 0, moment: moment, kind: kind)]
            let trial = try trial(run, isWritten: true)
            #expect(trial.violation == nil)
            #expect(trial.timeline.text.contains("\(kind)"))
        }
    }

    /// A rank that comes to nothing: the others wait for it, until the watchdogs of all end the launch alike.
    @Test func aRankThatStallsIsEndedByTheWatchdog() throws {
        for rank in [0, 3] {
            var run = SimulatedRun(seed: 3, ranks: [4, 4])
            run.hasWatchdog = true
            run.mishaps = [Mishap(launch: 0, moment: 0.3, kind: .stall(rank: rank))]
            let trial = try trial(run, isWritten: true)
            #expect(trial.violation == nil)
            #expect(trial.timeline.text.contains("rank 0: ends with 75"), "\(trial.timeline.text)")
        }
    }

    @Test func aLaunchThatBeginsBesideAnotherWaitsForIt() throws {
        for moment in stride(from: 0.1, to: 0.8, by: 0.2) {
            var run = SimulatedRun(seed: 5, ranks: [2, 4])
            run.mishaps = [
                Mishap(launch: 0, moment: moment, kind: .overlap),
                Mishap(launch: 0, moment: moment + 0.1, kind: .signal(rank: 1)),
            ]
            let trial = try trial(run, isWritten: true)
            #expect(trial.violation == nil)
            #expect(trial.timeline.text.contains("launch 2 of 4 ranks"))
        }
    }

    /// Sets of every kind, from layers that are split otherwise in each launch.
    @Test(arguments: SimulatedRun.Saving.allCases) func setsOfEveryKindAreCarriedOn(_ saving: SimulatedRun.Saving)
        throws
    {
        for (parts, ranks) in [(1, [3, 2]), (2, [2, 6]), (4, [4, 3])] {
            var run = SimulatedRun(seed: 9, ranks: ranks)
            (run.saving, run.tensorParts, run.saveEvery) = (saving, parts, 1)
            run.mishaps = [Mishap(launch: 0, moment: 0, kind: .halt(.afterStep(4)))]
            // One of the schedule, not that of the stop.
            (run.keep, run.launchesBack) = (3, [1])
            let trial = try trial(run, isWritten: true)
            #expect(trial.violation == nil)
            #expect(trial.timeline.text.contains("carries on from step"))
        }
    }

    /// A disk that does not answer, or takes nothing more, keeps a launch from its end; the next one finds it mended.
    @Test(arguments: [DiskFault.Effect.readOnly, .noRoom(.noSpace, forOperations: nil), .stalls, .slow(.seconds(400))])
    func aDiskThatStaysBrokenCostsALaunch(_ effect: DiskFault.Effect) throws {
        for number in [1, 4] {
            var run = SimulatedRun(seed: 2, ranks: [4])
            run.diskFaults = [DiskFault(effect, at: .init(3 * number, .create))]
            let trial = try trial(run, isWritten: true)
            #expect(trial.violation == nil)
            #expect(trial.coverage.counts.keys.contains { $0.hasPrefix("disk: ") })
        }
    }

    /// More ranks than are looked at one by one, in sets of every kind, with a watchdog.
    @Test func manyRanksAreStoppedAndCarriedOn() throws {
        for saving in [SimulatedRun.Saving.whole, .slices] {
            var run = SimulatedRun(seed: 5, ranks: [48, 64])
            (run.epochs, run.saving, run.hasWatchdog, run.ranksPerHost) = (1, saving, true, 4)
            run.mishaps = [
                Mishap(launch: 0, moment: 0.4, kind: .halt(.afterStep(3))),
                Mishap(launch: 1, moment: 0.8, kind: .kill(rank: 5)),
            ]
            #expect(try trial(run).violation == nil)
        }
    }

    /// Whatever it is set to and not the usual, it is said.
    @Test func aSlowDiskIsSaid() {
        var run = SimulatedRun(seed: 1, ranks: [1])
        #expect(!run.description.contains("a disk that takes"))
        run.operationTime = .milliseconds(1)
        #expect(run.description.contains("a disk that takes 0.001 seconds for anything"))
    }

    /// A run that has saved, each operation of the disk taking long, and is to end some steps later.
    @Test func aDeadlineLeavesTheTimeToSave() throws {
        var stops = 0
        for seconds in stride(from: 1.0, to: 9.0, by: 0.5) {
            var run = SimulatedRun(seed: 3, ranks: [2])
            (run.epochs, run.stepsPerEpoch, run.saveEvery) = (3, 6, 5)
            (run.operationTime, run.deadlines) = (.milliseconds(5), [seconds])
            let trial = try trial(run, isWritten: true)
            #expect(trial.violation == nil)
            if trial.timeline.text.contains("launch 2") { stops += 1 }
        }
        #expect(stops > 3)
    }

    @Test func everyPhaseIsStruck() throws {
        var coverage = Coverage()
        for moment in stride(from: 0.0, to: 1.0, by: 0.02) {
            var run = SimulatedRun(seed: 12, ranks: [2])
            run.epochs = 1
            run.mishaps = [Mishap(launch: 0, moment: moment, kind: .signal(rank: 0))]
            coverage.add(try trial(run).coverage)
        }
        for phase in Phase.allCases { #expect(coverage.counts["signal"]?[phase] ?? 0 > 0, "\(phase)") }
    }

    /// What befell a run is said as drills of real ranks, where these can do it.
    @Test func aRunIsSaidAsDrills() throws {
        var run = SimulatedRun(seed: 1, ranks: [4, 2])
        run.mishaps = [
            Mishap(launch: 0, moment: 0.4, kind: .kill(rank: 3)), Mishap(launch: 1, moment: 0, kind: .signal(rank: 1)),
        ]
        let lines = try #require(try trial(run).drilledLaunches?.map { "\($0)" })
        #expect(lines.count >= 2)
        #expect(lines[0].hasPrefix("mpirun -n 4 trainer --drill 'kill@rank3:"))
        #expect(lines[1] == "mpirun -n 2 trainer --drill 'sigterm@rank1:startup'")
        let drill = try #require(lines[0].components(separatedBy: "'").dropFirst().first)
        #expect(try Drill.parse(drill).count == 1)
        run.mishaps.append(Mishap(launch: 0, moment: 0.2, kind: .powerFailure))
        #expect(try trial(run).drilledLaunches == nil)
    }
}
