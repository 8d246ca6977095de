import Foundation

/// A Swift file below `Sources`.
struct SourceFile: CustomStringConvertible {
    /// Its path below `Sources`: "Graphs/Graph.swift".
    let path: String

    let lines: [Substring]

    /// The lines that are no comments, with their numbers from 1.
    let code: [(number: Int, text: Substring)]

    /// Its bytes, in which words are found sooner than in texts.
    private let bytes: Data

    private init(path: String, bytes: Data) {
        self.path = path
        self.bytes = bytes
        // By bytes: what a person sees as a character takes minutes to find in all of them.
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
            Substring(decoding: $0, as: UTF8.self)
        }
        code = lines.enumerated().map { ($0 + 1, $1) }.filter {
            !$1.utf8.drop { $0 == UInt8(ascii: " ") }.starts(with: "//".utf8)
        }
    }

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

    /// Whether words stand anywhere in it, in comments too.
    func mentions(_ words: String) -> Bool { bytes.range(of: Data(words.utf8)) != nil }

    /// The folder of the project.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// All of them.
    static let all: [SourceFile] = {
        let root = Self.root.appending(path: "Sources").path(percentEncoded: false)
        let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            guard let bytes = FileManager.default.contents(atPath: root + "/" + path) else {
                fatalError("\(path) cannot be read")
            }
            return SourceFile(path: path, bytes: bytes)
        }
    }()
}
