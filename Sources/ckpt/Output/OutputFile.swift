import Checkpoints
import Files
import SystemPackage

/// A file that comes into being whole or not at all: written under another name, made durable, and renamed.
struct OutputFile {
    let path: FilePath
    private let mayReplace: Bool
    private let files = LocalFileSystem()

    init(_ path: FilePath, mayReplace: Bool) {
        self.path = path
        self.mayReplace = mayReplace
    }

    /// Lets `body` write the file. If that throws, or a signal interrupts it, nothing has changed.
    func write(_ body: (any WritableFile) throws -> Void) throws {
        try check()
        let pending = try path.pending
        do {
            try files.writeDurably(to: pending, body)
            // Long work lies between the first look and this one.
            try check()
            try files.rename(pending, to: path)
        } catch {
            try? files.remove(pending)
            throw error
        }
        try files.synchronizeDirectory(path.removingLastComponent())
    }

    /// Throws if the output may not be written.
    func check() throws {
        guard let status = try files.status(of: path) else { return }
        guard status.kind == .file else { throw Refusal("\(path) exists and is no file; name another output") }
        guard mayReplace else { throw Refusal("\(path) exists; name another output, or give --force to replace it") }
        if let set = SetMember(of: path)?.manifest.name {
            throw Refusal("\(path) belongs to checkpoint \(set), which would be damaged; name another output")
        }
    }
}

extension FilePath {
    /// Where an output lies until it is whole.
    var pending: FilePath {
        get throws {
            guard lastComponent?.kind == .regular else {
                throw Refusal("\"\(self)\" cannot be the name of an output")
            }
            return LocalFileSystem().unguessablePath(beside: self, "pending")
        }
    }
}

extension FileSystem {
    /// Lets `body` write a file and waits until it is on stable storage. A signal meanwhile is an error of writing.
    func writeDurably(to path: FilePath, _ body: (any WritableFile) throws -> Void) throws {
        Interruption.listen()
        // What was encrypted may be secret.
        let file = try create(path, permissions: 0o400)
        try body(InterruptibleFile(file, path: path))
        try file.synchronize()
        try file.close()
    }
}

/// A file being written until a signal arrives.
private final class InterruptibleFile: WritableFile {
    private let file: any WritableFile
    private let path: FilePath

    init(_ file: any WritableFile, path: FilePath) {
        self.file = file
        self.path = path
    }

    func write(_ bytes: RawSpan) throws(FileError) {
        if let signal = Interruption.signal {
            throw FileError("write", path, reason: "signal \(signal) came in between")
        }
        try file.write(bytes)
    }

    func synchronize() throws(FileError) { try file.synchronize() }
    func close() throws(FileError) { try file.close() }
}
