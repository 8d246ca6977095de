import Checkpoints
import Ciphers
import Collectives
import Files
import Memory
import SystemPackage
import Tensors

extension CheckpointContest {
    /// All ways to load: into memory in use, as a run does whose network stands, and into new memory.
    ///
    /// New memory costs more than reading does, as the system clears each page: like is compared with like. Contents of
    /// a `.ckpt` begin at any byte, and the system's copies are slower between places that differ modulo 64.
    var loads: [Contestant] {
        [
            load("read() into used memory", beside: "read() into used memory") { [self] in try readPlainly() },
            load("read() where .ckpt has its tensors", beside: "read() into used memory") { [self] in
                try readPlainly(from: 57)
            },
            load(".ckpt into used memory", beside: "read() into used memory") { [self] in
                try fill(from: CkptReader(file: files.open(ckpt)))
            },
            load(".ckpt verified, as a run resumes", beside: "read() into used memory") { [self] in
                try resume()
            },
            loadNew("read() into new memory", beside: "read() into new memory") { [self] in
                try readPlainlyIntoNewMemory()
            },
            loadNew(".ckpt into new tensors", beside: "read() into new memory") { [self] in
                try newTensors(of: CkptReader(file: files.open(ckpt)))
            },
            loadNew(".safetensors into new tensors", beside: "read() into new memory") { [self] in
                try newTensors(of: SafetensorsReader(file: files.open(safetensors)))
            },
            loadNew(".ckpt AES-GCM into new tensors", beside: ".ckpt into new tensors") { [self] in
                let file = try DecryptedFile(files.open(encrypted), key: encryption.key)
                return try newTensors(of: CkptReader(file: file))
            },
            peer("torch", torch), peer("safetensors", safetensors), peer("MindSpore", ckpt),
            peer("MindSpore AES-GCM", encrypted),
        ]
    }

    private func load(_ name: String, beside rival: String, _ body: @escaping () throws -> Void) -> Contestant {
        Contestant(name: name, rival: rival) { try Effort.measure(body) }
    }

    private func loadNew<Result>(
        _ name: String, beside rival: String, _ body: @escaping () throws -> Result
    ) -> Contestant {
        Contestant(name: name, rival: rival) { try Effort.measure(delivered: Self.byteCount, body) }
    }

    private func peer(_ name: String, _ path: FilePath) -> Contestant {
        let rival = "read() into new memory"
        guard peers.installed.contains(name) else { return Contestant(name: name, rival: rival, run: nil) }
        return Contestant(name: name, rival: rival) { [self] in try peers.run("load", name, path) }
    }

    private func readPlainly(from offset: Int64 = 0) throws {
        let file = try FileDescriptor.open(plain, .readOnly)
        try file.closeAfter {
            try file.seek(offset: offset, from: .start)
            for target in targets {
                var bytes = target.bytes.mutableSpan
                try unsafe bytes.withUnsafeMutableBytes { try unsafe readAll(of: file, into: $0) }
            }
        }
    }

    private func readPlainlyIntoNewMemory() throws -> PlainMemory {
        let memory = PlainMemory(byteCount: Self.byteCount)
        let file = try FileDescriptor.open(plain, .readOnly)
        try file.closeAfter { try unsafe readAll(of: file, into: memory.bytes) }
        return memory
    }

    @unsafe private func readAll(of file: FileDescriptor, into bytes: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let count = try unsafe file.read(into: rest)
            guard count > 0 else { throw Errno.ioError }
            done += count
        }
    }

    private func fill(from reader: any CheckpointReader) throws {
        for (source, target) in zip(tensors, targets) {
            var bytes = target.bytes.mutableSpan
            try reader.read(source.name, from: 0, into: &bytes)
        }
    }

    private func resume() throws {
        let restorer = CheckpointRestorer(sets, world: SoloCommunicator(), model: Self.modelName)
        let wanted = zip(tensors, targets).map { ShardedParameter($0.name, $1) }
        guard try restorer.restoreNewest(for: wanted) != nil else { throw Errno.noSuchFileOrDirectory }
    }

    private func newTensors(of reader: any CheckpointReader) throws -> [Tensor] {
        try tensors.map { try reader.tensor($0.name) }
    }
}

/// Memory as `malloc` gives it.
@safe private final class PlainMemory {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        unsafe bytes = .allocate(byteCount: byteCount, alignment: 16)
    }

    deinit {
        unsafe bytes.deallocate()
    }
}
