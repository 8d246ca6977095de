public import Files
import SystemPackage

extension CheckpointDirectory {
    /// Throws unless every file of a set is there and has the size and checksum that its manifest says.
    public func verify(_ manifest: Manifest) throws(CheckpointSetError) {
        for file in manifest.files { _ = try openVerified(file, of: manifest) }
    }

    /// Opens a file of a set that has the size and checksum that its manifest says.
    ///
    /// What was verified is what is read, even if a newer set takes the name of the file in between: a byte that has changed by
    /// then is an error.
    public func openVerified(
        _ file: ManifestFile, of manifest: Manifest
    ) throws(CheckpointSetError) -> any ReadableFile {
        try verified(file, of: manifest) { () throws(CheckpointSetError) in try open(file, of: manifest) }
    }

    func verified(
        _ file: ManifestFile, of manifest: Manifest, open: () throws(CheckpointSetError) -> any ReadableFile
    ) throws(CheckpointSetError) -> any ReadableFile {
        do throws(CheckpointSetError) {
            let opened = VerifyingFile(try open(), as: file, of: manifest, key: key)
            try checkSize(of: opened, as: file)
            try opened.verify()
            return opened
        } catch {
            throw explain(error, of: manifest)
        }
    }

    /// What is wrong with a set of which something was missing or not as it should be: nothing, if it was removed or replaced
    /// meanwhile, as by a run in progress.
    func explain(_ error: CheckpointSetError, of manifest: Manifest) -> CheckpointSetError {
        switch error {
        case .missing, .wrongSize, .wrongChecksum, .wrongCode: break
        case .file(let problem) where problem.errno == .noSuchFileOrDirectory: break
        default: return error
        }
        // What the system says now tells nothing about then.
        guard let current = try? self.manifest(named: manifest.name) as Manifest?? else { return error }
        guard let current else { return .removed(name: manifest.name) }
        return current.id == manifest.id ? error : .replaced(name: manifest.name)
    }

    /// Throws unless an open file has the size that a manifest says.
    func checkSize(of opened: any ReadableFile, as file: ManifestFile) throws(CheckpointSetError) {
        guard opened.byteCount == file.byteCount else {
            throw .wrongSize(path: opened.path, found: opened.byteCount, expected: file.byteCount)
        }
    }

    /// Opens a file under its pending name, which holds the id and so cannot be another set's; if it is gone, the file
    /// was renamed.
    func open(_ file: ManifestFile, of manifest: Manifest) throws(CheckpointSetError) -> any ReadableFile {
        for path in [pendingPath(of: file.path, id: manifest.id), finalPath(of: file)] {
            do {
                return try fileSystem.open(path)
            } catch {
                guard error.errno == .noSuchFileOrDirectory else { throw .file(error) }
            }
        }
        throw .missing(path: finalPath(of: file), set: manifest.name)
    }
}
