import Foundation
import Testing

/// A folder for one test.
final class TestFolder {
    let path: String

    init() throws {
        path = URL(filePath: NSTemporaryDirectory()).appending(path: "ckpt-\(UUID().uuidString)")
            .path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A path in the folder.
    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    func bytes(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: self(name))))
    }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        // Checkpoint files are read-only.
        try? FileManager.default.removeItem(atPath: self(name))
        try Data(bytes).write(to: URL(filePath: self(name)))
        return self(name)
    }

    /// Writes a file that nobody else may read.
    @discardableResult
    func writeKey(_ bytes: [UInt8], to name: String) throws -> String {
        let path = try write(bytes, to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        return path
    }

    /// Changes a byte of a file.
    func damage(_ name: String, at offset: Int? = nil) throws {
        var bytes = try bytes(of: name)
        bytes[offset ?? bytes.count / 2] ^= 1
        try write(bytes, to: name)
    }

    /// The permission bits of a file.
    func permissions(of name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: self(name))
        return try #require(attributes[.posixPermissions] as? Int)
    }

    /// All files, those too whose names begin with a dot.
    var files: [String] {
        let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return all.filter { (try? Data(contentsOf: URL(filePath: self($0)))) != nil }.sorted()
    }
}

/// Files written by real MindSpore 2.10.
enum Vectors {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "CheckpointsTests/Vectors")

    static func path(_ name: String) -> String { directory.appending(path: name).path(percentEncoded: false) }

    static func bytes(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: directory.appending(path: name)))
    }

    /// The key of the vectors whose names end in 128; its first half is that of the others.
    static let key = "hex:303132333435363738393a3b3c3d3e3f"
    static let longKey = "hex:303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
}
