import Foundation
import Testing

/// Every example on four ranks: runs, is stopped by SIGTERM, carries on, and learns what it is to learn.
@Suite(.serialized) final class ExampleTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "examples-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Rank 2 gets the signal in step 5.
    @Test(arguments: ["Curves", "Regression", "Spirals", "Waves"]) func exampleStopsAndCarriesOn(program: String) throws
    {
        let words = ["--epochs", "3"]
        let stopped = try Launched(program, ranks: 4, words + ["--drill", "sigterm@rank2:step5"], in: folder)
        #expect(stopped.code == 0, "\(stopped)")
        #expect(stopped.output.contains("all 4 ranks stopped after step 5 of "), "\(stopped)")
        let rest = try Launched(program, ranks: 4, words, in: folder)
        #expect(rest.code == 0, "\(rest)")
        #expect(rest.output.contains("carrying on from \(program)_train after step 5 of "), "\(rest)")
        #expect(rest.output.contains("all 4 ranks finished step "), "\(rest)")
    }

    @Test func spiralsAreToldApart() throws {
        let run = try Launched("Spirals", ranks: 2, in: folder)
        let share = run.output.firstMatch(of: /right (\d\.\d+)/).flatMap { Double($0.1) }
        #expect(try #require(share, "\(run)") > 0.9, "\(run)")
    }

    /// A straight line is 0.6 off.
    @Test func waveIsLearnedByAnOwnOperationAndOptimizer() throws {
        let run = try Launched("Waves", ranks: 2, in: folder)
        let error = run.output.firstMatch(of: /mae (\d\.\d+)/).flatMap { Double($0.1) }
        #expect(try #require(error, "\(run)") < 0.1, "\(run)")
    }

    @Test func houseIsWorthWhatItsNumbersSay() throws {
        let run = try Launched("Regression", ranks: 2, in: folder)
        let loss = run.output.firstMatch(of: /loss (\d\.\d+) on \d+ test samples/).flatMap { Double($0.1) }
        #expect(try #require(loss, "\(run)") < 0.5, "\(run)")
        #expect(run.output.contains("average loss of epoch 40: "), "\(run)")
    }

    /// A program without a command line, stopped from outside once it has printed something.
    @Test func digitsAreLearnedThoughSomebodyStopsIt() throws {
        let folder = folder
        let stopped = try Launched("Digits", ranks: 4, in: folder) { process in
            let output = folder.appending(path: "output")
            while process.isRunning, try Data(contentsOf: output).isEmpty { usleep(20_000) }
            let rank = Process()
            rank.executableURL = URL(filePath: "/usr/bin/pkill")
            rank.arguments = ["-TERM", "--newest", "--parent", "\(process.processIdentifier)"]
            try rank.run()
            rank.waitUntilExit()
        }
        #expect(stopped.code == 0, "\(stopped)")
        #expect(stopped.errors.ranges(of: "stopping after step ").count == 1, "\(stopped)")
        let rest = try Launched("Digits", ranks: 4, in: folder)
        #expect(rest.code == 0, "\(rest)")
        let accuracy = rest.output.firstMatch(of: /accuracy (\d\.\d+)/).flatMap { Double($0.1) }
        #expect(try #require(accuracy, "\(rest)") > 0.9, "\(rest)")
    }
}
