import Foundation
import MPITestKit
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

        @Test func readmeShowsTheExampleAsItIs() throws {
            let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
            let code = try String(contentsOf: Self.root.appending(path: "examples/Digits/main.swift"), encoding: .utf8)
            #expect(readme.contains("```swift\n\(code)```\n"))
        }
    }
}
