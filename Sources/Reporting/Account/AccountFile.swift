package import Files
package import SystemPackage

/// The file `account.jsonl` in the directory of a run, with a line for each thing that a launch has to say.
///
/// A launch that begins takes over the lines of those before it into a new file, which then takes the old one's name; a line that
/// a kill has cut off is left out. Then each line is one write to the end. What is written is not synchronized: after a power
/// failure the last lines may be missing.
package final class AccountFile {
    /// What a directory's account holds.
    package struct Contents {
        package let entries: [AccountEntry]
        /// Whether the last line has no end, as a kill leaves it.
        package let isTorn: Bool
        /// Lines before it that are none.
        package let unreadable: Int
    }

    package static let name = "account.jsonl"
    private static let limit = 1 << 30
    private static let newline = UInt8(ascii: "\n")

    private let file: any WritableFile
    private var old: [ArraySlice<UInt8>]
    private var isTorn = false

    /// Opens the account of a directory.
    package init(in directory: FilePath, files: any FileSystem) throws(FileError) {
        let path = directory.appending(Self.name)
        let bytes = try Self.bytes(path, files)
        old = bytes.split(separator: Self.newline).filter { AccountEntry(line: $0) != nil }
        let temporary = files.unguessablePath(beside: path, "tmp")
        do {
            file = try files.create(temporary, permissions: 0o644)
            try file.write(Array(old.map { $0 + [Self.newline] }.joined()).span)
            try file.synchronize()
            try files.rename(temporary, to: path)
        } catch {
            try? files.remove(temporary)
            throw error
        }
    }

    /// The most steps that launches before this one are known to have made of a run. To be asked once.
    package func furthest(ofRun run: String) -> Int {
        defer { old = [] }
        for line in old.reversed() {
            guard let entry = AccountEntry(line: line), entry.run == run else { continue }
            return max(entry.furthest ?? 0, entry.step ?? 0)
        }
        return 0
    }

    /// Appends a line. What was half written before is ended first.
    package func append(_ entry: AccountEntry) throws(FileError) {
        let line = (isTorn ? [Self.newline] : []) + entry.line
        isTorn = true
        try file.write(line.span)
        isTorn = false
    }

    /// What the account of a directory says; nil if there is none.
    ///
    /// - Throws: `FileError`.
    package static func read(in directory: FilePath, files: any FileSystem) throws(FileError) -> Contents? {
        let path = directory.appending(name)
        guard try files.status(of: path) != nil else { return nil }
        let bytes = try bytes(path, files)
        let lines = bytes.split(separator: newline)
        let entries = lines.compactMap { AccountEntry(line: $0) }
        let isTorn = !bytes.isEmpty && bytes.last != newline && AccountEntry(line: lines.last ?? []) == nil
        return Contents(
            entries: entries, isTorn: isTorn, unreadable: lines.count - entries.count - (isTorn ? 1 : 0))
    }

    private static func bytes(_ path: FilePath, _ files: any FileSystem) throws(FileError) -> [UInt8] {
        try files.status(of: path) == nil ? [] : files.contents(of: path, limit: limit)
    }
}
