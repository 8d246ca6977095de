public import Files
import Memory
import SystemPackage

extension CheckpointDirectory {
    // What is hashed is still in the cache, and file systems serve larger reads faster (ext4: 14.6 GB/s; 11.1 in pieces
    // of 256 KiB).
    private static let chunkByteCount = 1 << 20

    /// Throws unless every file of a set is there and has the size and checksum that its manifest says.
    public func verify(_ manifest: Manifest) throws(CheckpointSetError) {
        for file in manifest.files { _ = try openVerified(file, of: manifest) }
    }

    /// Opens a file of a set that has the size and checksum that its manifest says.
    ///
    /// What was verified is what is read, even if a newer set takes the name of the file in between.
    public func openVerified(
        _ file: ManifestFile, of manifest: Manifest
    ) throws(CheckpointSetError) -> any ReadableFile {
        do throws(CheckpointSetError) {
            let opened = try open(file, of: manifest)
            try verify(opened, as: file, of: manifest)
            return opened
        } catch {
            throw explain(error, of: manifest)
        }
    }

    /// What is wrong with a set of which something was missed or was not as it should be: nothing, if it was removed or
    /// replaced meanwhile, as by a run that goes on.
    func explain(_ error: CheckpointSetError, of manifest: Manifest) -> CheckpointSetError {
        switch error {
        case .missing, .wrongSize, .wrongChecksum: break
        case .file(let problem) where problem.errno == .noSuchFileOrDirectory: break
        default: return error
        }
        // What the system says now says nothing about then.
        guard let current = try? self.manifest(named: manifest.name) as Manifest?? else { return error }
        guard let current else { return .removed(name: manifest.name) }
        return current.id == manifest.id ? error : .replaced(name: manifest.name)
    }

    /// Throws unless an open file has the size and checksum that a manifest says, or with a key, the code.
    func verify(
        _ opened: any ReadableFile, as file: ManifestFile, of manifest: Manifest
    ) throws(CheckpointSetError) {
        try checkSize(of: opened, as: file)
        var proof = FileProof(file, of: manifest, key: key)
        do {
            try Self.forEachChunk(of: opened) { unsafe proof.update($0.bytes) }
        } catch {
            throw .file(error)
        }
        try proof.check(opened.path)
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

    private static func forEachChunk(
        of file: any ReadableFile, _ body: (Span<UInt8>) -> Void
    ) throws(FileError) {
        var chunk = [UInt8](repeating: 0, count: min(chunkByteCount, file.byteCount))
        for start in stride(from: 0, to: file.byteCount, by: chunkByteCount) {
            let count = min(chunkByteCount, file.byteCount - start)
            if count < chunk.count { chunk.removeLast(chunk.count - count) }
            var span = chunk.mutableSpan
            try file.read(into: &span, at: start)
            body(chunk.span)
        }
    }
}
