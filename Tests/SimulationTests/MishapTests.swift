import Drills
import Files
import SystemPackage
import Testing

@testable import Simulation

/// What befalls simulated runs does what it says.
struct MishapTests {
    private let traces = GhostTraces()

    private func trial(_ scenario: SimulatedRun) throws -> Trial {
        let trial = try Trial(scenario, trace: traces, isWritten: true)
        trial.run()
        return trial
    }

    /// Seed 31047 as it was drawn then: a rank 0 that is killed after it has published the set of a stop and before it says so;
    /// the others remove the request.
    @Test func aStopThatNobodyCouldSayWasPublishedAnswersItsRequest() throws {
        var run = SimulatedRun(seed: 9, ranks: [2, 2])
        (run.epochs, run.stepsPerEpoch, run.saveEvery) = (2, 16, nil)
        run.mishaps = [Mishap(launch: 0, moment: 0, kind: .halt(.afterStep(4)))]
        let whole = try trial(run)
        let said = try #require(whole.timeline.entries.first { $0.text.hasPrefix("has published Ghost_train") })
        let turns = Double(TrialLaunch(0, of: whole, firstProcess: 1).turns)
        var shown = 0
        for turn in said.turn - 12..<said.turn {
            for later in [16, 48] {
                var killed = run
                // It stands still where the others go on, and goes on no more.
                let moments = [turn, turn + later].map { (Double($0) + 0.5) / turns }
                killed.mishaps += [
                    Mishap(launch: 0, moment: moments[0], kind: .pause(rank: 0, seconds: 3)),
                    Mishap(launch: 0, moment: moments[1], kind: .kill(rank: 0)),
                ]
                let trial = try trial(killed)
                #expect(trial.violation == nil, "killed at turn \(turn + later)")
                let before = trial.timeline.entries.prefix { $0.rank != 0 || $0.text != "is killed" }
                let isGone = before.contains { $0.text.contains(" /run/halt/") && $0.text.contains("delete") }
                let isSaid = before.contains { $0.text.hasPrefix("has published Ghost_train") }
                if isGone, !isSaid { shown += 1 }
            }
        }
        #expect(shown > 0)
    }

    /// What is left of a launch is looked at when the next one, which began beside it, has answered its request: seed 7713 of its day.
    @Test func theLaunchBesideAnswersARequest() throws {
        var shown = 0
        for moment in stride(from: 0.1, to: 0.6, by: 0.05) {
            var run = SimulatedRun(seed: 7, ranks: [2, 2])
            (run.epochs, run.stepsPerEpoch, run.saveEvery) = (1, 2, nil)
            run.mishaps = [
                Mishap(launch: 0, moment: 0, kind: .halt(.now)),
                Mishap(launch: 0, moment: moment, kind: .kill(rank: 0)),
                Mishap(launch: 0, moment: moment + 0.05, kind: .overlap),
            ]
            let trial = try trial(run)
            #expect(trial.violation == nil, "rank 0 killed at \(moment)")
            let said = trial.timeline.entries.firstIndex { $0.text.hasPrefix("has published Ghost_train") }
            let ended = trial.timeline.entries.lastIndex { $0.text == "is killed" }
            if let said, let ended, said < ended { shown += 1 }
        }
        #expect(shown > 0)
    }

    @Test func networksThatFallInTwoHaveHostsOnBothSides() throws {
        var count = 0
        for seed in 1...2000 as ClosedRange<UInt64> {
            let run = SimulatedRun.draw(seed: seed, ranks: 8)
            for mishap in run.mishaps {
                guard case .split(let host, _) = mishap.kind else { continue }
                count += 1
                #expect((1...run.host(of: run.ranks[mishap.launch] - 1)).contains(host), "seed \(seed)")
            }
        }
        #expect(count > 20)
    }

    /// Below host 0 there is none, and a launch of four ranks has no fifth.
    @Test(arguments: [
        Mishap.Kind.split(host: 0, seconds: 4), .split(host: 2, seconds: 4), .kill(rank: 4), .call(rank: 4),
    ])
    func whatStrikesNothingIsNotCounted(kind: Mishap.Kind) throws {
        var run = SimulatedRun(seed: 3, ranks: [4])
        run.mishaps = [Mishap(launch: 0, moment: 0.3, kind: kind)]
        let trial = try trial(run)
        #expect(trial.violation == nil && trial.coverage.counts.isEmpty)
        #expect(!trial.timeline.text.contains("\(kind)"))
    }

    /// A launcher that has given notice ends the ranks some seconds later: that does not excuse a hang before.
    @Test func whoWaitsForRanksThatLiveHangsThoughAllWillBeEnded() throws {
        let launch = try TrialLaunch(0, of: Trial(SimulatedRun(seed: 1, ranks: [2])), firstProcess: 1)
        launch.endOthers(after: .seconds(5))
        #expect(launch.isEnding && !launch.mayEndOthers)
        launch.processes.kill(1)
        #expect(launch.mayEndOthers)
    }

    /// Of a name that no clean-up knows; what it knows is removed there too.
    @Test(arguments: ["rank_0/.ghost", "strategy/.ghost", ".ghost"]) func whatIsLeftInFoldersIsFound(name: String)
        throws
    {
        var run = SimulatedRun(seed: 1, ranks: [1])
        run.hasLeftovers = true
        let trial = try Trial(run, trace: traces)
        let path = FilePath("\(Trial.directory)/\(name)")
        try trial.operatorFiles.createDirectory(path.removingLastComponent())
        trial.write([1], to: path)
        trial.run()
        #expect(trial.violation == Violation(rule: .nothingIsLeft, found: "\(path) is left"))
    }

    /// The watchdog of real ranks is off unless it is asked for.
    @Test func aDrilledStallEnds() throws {
        var run = SimulatedRun(seed: 3, ranks: [4, 4])
        run.hasWatchdog = true
        run.mishaps = [Mishap(launch: 0, moment: 0.3, kind: .stall(rank: 3))]
        let line = try #require(try trial(run).drilledLaunches?.first?.description)
        let text = try #require(line.split(separator: "'").dropFirst().first)
        let drill = try #require(try Drill.parse(String(text)).first)
        #expect(drill.action == .stall && drill.target == .rank(3) && drill.duration == .seconds(400), "\(line)")
    }
}
