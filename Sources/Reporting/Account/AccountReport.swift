public import Files
public import SystemPackage

/// Says where the time of the run in a directory went.
public enum AccountReport {
    /// The file that it is read from.
    public static let fileName = AccountFile.name

    /// The report, as lines for people or as JSON; nil if the directory has no account.
    ///
    /// A launch whose end is not on record goes on if somebody holds the directory, and else was killed; who may not ask for the
    /// directory is told that it may be either.
    ///
    /// - Throws: `FileError`.
    public static func text(
        of directory: FilePath, asJSON: Bool = false, files: any FileSystem = LocalFileSystem()
    ) throws -> String? {
        guard let account = try account(of: directory, files: files) else { return nil }
        return asJSON ? try account.json : account.lines.joined(separator: "\n")
    }

    /// The account of the run in a directory; nil if it has none.
    package static func account(of directory: FilePath, files: any FileSystem) throws(FileError) -> RunAccount? {
        guard let contents = try AccountFile.read(in: directory, files: files) else { return nil }
        let isOpen = contents.entries.last.map { $0.kind != .end } ?? false
        return RunAccount(contents, isRunning: isOpen ? isHeld(directory, files) : false)
    }

    /// Whether a run has the directory; nil if that cannot be told. One that just begins waits for the moment that this takes.
    private static func isHeld(_ directory: FilePath, _ files: any FileSystem) -> Bool? {
        let path = directory.appending("run.lock")
        do {
            // Who asks for a lock makes its file.
            guard try files.status(of: path) != nil else { return false }
            guard case .held = try files.lock(path) else { return false }
            return true
        } catch {
            return nil
        }
    }
}
