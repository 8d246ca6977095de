import CheckpointsTestKit
import Files
import SystemPackage

/// A file of a simulated disk being written.
final class SimulatedWritableFile: WritableFile {
    private let number: Int
    private let path: FilePath
    private let files: SimulatedFiles
    private var isClosed = false

    init(_ number: Int, _ path: FilePath, in files: SimulatedFiles) {
        self.number = number
        self.path = path
        self.files = files
    }

    deinit {
        guard !isClosed else { return }
        files.disk.withState { [number, files] in $0.close(number, by: files.identity) }
    }

    private func insistOnOpen() { precondition(!isClosed, "\(path) is closed") }

    func write(_ bytes: RawSpan) throws(FileError) {
        insistOnOpen()
        // A span cannot go into a closure.
        let memory = MemoryFile()
        memory.write(bytes)
        let all = memory.bytes
        files.disk.show(path.string, bytes)
        try files.perform(.write, path) { [number] (state, _, verdict) throws(Errno) in
            let count = all.count * verdict.thirds / 3
            state.append(count == all.count ? all : Array(all.prefix(count)), to: number)
        }
    }

    func synchronize() throws(FileError) {
        insistOnOpen()
        try files.perform(.synchronize, path) { [number] (state, _, verdict) throws(Errno) in
            state.synchronize(number, losing: verdict.dropsBytes)
        }
    }

    func close() throws(FileError) {
        insistOnOpen()
        isClosed = true
        let (number, identity) = (number, files.identity)
        try files.perform(.close, path) { (state, _, _) throws(Errno) in state.close(number, by: identity) }
    }
}

/// A file of a simulated disk open for reading.
final class SimulatedReadableFile: ReadableFile {
    let path: FilePath
    let byteCount: Int
    let permissions: Int?
    private let number: Int
    private let bytes: FileSlice
    private let files: SimulatedFiles

    init(_ number: Int, _ file: DiskImage.File, _ path: FilePath, in files: SimulatedFiles) {
        self.path = path
        self.number = number
        self.files = files
        permissions = file.permissions
        bytes = FileSlice(file.bytes(seenBy: .host(files.host)), path: path)
        byteCount = bytes.count
    }

    func read(into target: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) {
        let givesOtherBytes = try files.perform(.read, path, file: number) { (_, _, verdict) throws(Errno) in
            verdict.givesOtherBytes
        }
        _ = try end(ofBytesAt: offset, count: target.count)
        try bytes.read(into: &target, at: offset)
        if givesOtherBytes, !target.isEmpty { target[target.count / 2] ^= 1 }
    }
}

/// A lock that a process holds on a simulated disk.
final class SimulatedLock: HeldLock {
    private let number: Int
    private let path: FilePath
    private let files: SimulatedFiles

    init(_ number: Int, _ path: FilePath, in files: SimulatedFiles) {
        self.number = number
        self.path = path
        self.files = files
    }

    deinit {
        files.disk.withState { [number, files] in $0.giveBackLock(number, of: files.identity) }
    }

    func note(_ line: String) throws(FileError) {
        try files.perform(.write, path) { [number] (state, _, _) throws(Errno) in state.note(line, in: number) }
    }
}
