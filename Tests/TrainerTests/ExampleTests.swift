import Foundation
import MPITestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    @Suite struct ExampleTests {
        private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()

        @Test(arguments: [1, 2]) func exampleLearnsTheDigits(ranks: Int) throws {
            let outcome = try MPIRun(ranks: ranks, "DigitsExample", []).run()
            #expect(outcome.exitCode == 0, "\(outcome)")
            let line = outcome.output.split(separator: "\n").last { $0.hasPrefix("accuracy ") }
            let accuracy = try #require(line.flatMap { Double($0.dropFirst("accuracy ".count)) }, "\(outcome)")
            #expect(accuracy > 0.9)
        }

        /// On four ranks, asked by SIGTERM on one of them, and carried on by the same command.
        @Test(arguments: ["Regression", "Curves"]) func exampleStopsAndCarriesOn(program: String) throws {
            let folder = try TestFolder()
            let words = ["--directory", folder.out.string, "--epochs", "3"]
            let stopping = try MPIRun(ranks: 4, program, words + ["--drill", "sigterm@rank2:step5"]).run()
            #expect(stopping.exitCode == 0, "\(stopping)")
            #expect(stopping.output.contains("all 4 ranks stopped after step 5 of "), "\(stopping)")
            let rest = try MPIRun(ranks: 4, program, words).run()
            #expect(rest.exitCode == 0, "\(rest)")
            #expect(rest.output.contains("carrying on from \(program)_train after step 5 of "), "\(rest)")
            #expect(rest.output.contains("all 4 ranks finished step "), "\(rest)")
        }

        @Test func programForNewcomersIsShort() throws {
            let file = Self.root.appending(path: "examples/Curves/Curves.swift")
            let code = try String(contentsOf: file, encoding: .utf8)
            #expect(code.split(separator: "\n", omittingEmptySubsequences: false).count <= 41)
        }

        @Test func readmeShowsTheExampleAsItIs() throws {
            let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
            let code = try String(contentsOf: Self.root.appending(path: "examples/Digits/main.swift"), encoding: .utf8)
            #expect(readme.contains("```swift\n\(code)```\n"))
        }
    }
}
