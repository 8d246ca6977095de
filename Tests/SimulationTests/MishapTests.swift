import Drills
import Simulation
import Testing

/// What befalls simulated runs does what it says.
struct MishapTests {
    private let traces = GhostTraces()

    private func trial(_ scenario: SimulatedRun) throws -> Trial {
        let trial = try Trial(scenario, trace: traces, isWritten: true)
        trial.run()
        return trial
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
