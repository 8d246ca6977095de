import Files
import Foundation
import Simulation
import Testing

/// What the page on simulation shows, made of what is public.
struct OwnScenarioTests {
    @Test func aScenarioAndAnInvariantAreTenLines() throws {
        var run = SimulatedRun(seed: 7, ranks: [8, 4])
        run.mishaps = [
            Mishap(launch: 0, moment: 0.4, kind: .signal(rank: 3)), Mishap(launch: 0, moment: 0.5, kind: .powerFailure),
        ]
        run.invariants["a status is there"] = { files, directory in
            (try? files.names(in: directory))?.contains("status.json") == true ? nil : "there is none"
        }
        let trial = try Trial(run, isWritten: true)
        trial.run()
        #expect(trial.violation == nil, "\(trial.timeline.text)")
    }

    @Test func thePageShowsThem() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text: (String) throws -> String = { try String(contentsOf: root.appending(path: $0), encoding: .utf8) }
        let page = try text("Sources/Lockstep/Documentation.docc/Simulation.md")
        let code = try #require(
            page.components(separatedBy: "## A scenario of your own").last?.components(separatedBy: "```").dropFirst()
                .first)
        let lines = code.split(separator: "\n").filter { $0 != "swift" && !$0.hasPrefix("import ") }
        #expect(lines.count == 10)
        let shown = lines.map { "        \($0)\n" }.joined()
        #expect(try text("Tests/SimulationTests/OwnScenarioTests.swift").contains(shown))
    }
}
