import Foundation

/// A Swift file below `Sources`.
struct SourceFile: CustomStringConvertible {
    /// Its path below `Sources`: "Graphs/Graph.swift".
    let path: String

    let lines: [Substring]

    var description: String { path }

    /// The module, which is the folder; kits lie in a folder of their own.
    var module: String {
        let parts = path.split(separator: "/")
        return String(parts[parts[0] == "TestKits" ? 1 : 0])
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Whether a program wrote it.
    var isGenerated: Bool {
        lines.prefix(5).contains { $0.contains("DO NOT EDIT") || $0.contains("Written by Resources/embed") }
    }

    /// The lines that are no comments, with their numbers from 1.
    var code: [(number: Int, text: Substring)] {
        lines.enumerated().map { ($0 + 1, $1) }.filter { !$1.drop { $0 == " " }.hasPrefix("//") }
    }

    /// The folder of the project.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All of them.
    static let all: [SourceFile] = {
        let root = Self.root.appending(path: "Sources").path(percentEncoded: false)
        let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            guard let text = try? String(contentsOfFile: root + "/" + path, encoding: .utf8) else {
                fatalError("\(path) cannot be read")
            }
            return SourceFile(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }()
}
