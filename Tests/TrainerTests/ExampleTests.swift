import Foundation
import Testing

/// What the documentation says of the examples. Their own package runs them: `examples/Tests`.
struct ExampleTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func code(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    @Test func programForNewcomersIsShort() throws {
        let lines = try code("examples/Sources/Curves/Curves.swift")
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 41)
    }

    @Test func readmeShowsTheExampleAsItIs() throws {
        #expect(try code("README.md").contains("```swift\n\(code("examples/Sources/Digits/main.swift"))```\n"))
    }
}
