import Checkpoints
import Files
import Memory
import SystemPackage
import Tensors

extension CheckpointContest {
    /// All ways to save.
    ///
    /// Contents of a `.ckpt` begin at any byte, and the system's copies are slower between places that differ modulo 64.
    var saves: [Contestant] {
        [
            save("write()", beside: "write()") { [self] in try writePlainly(to: $0) },
            save("write() where .ckpt has its tensors", beside: "write()") { [self] in
                try writePlainly(to: $0, headByteCount: 57)
            },
            save(".ckpt", beside: "write()") { [self] in try save(to: $0, as: CkptFormat()) },
            save(".safetensors", beside: "write()") { [self] in try save(to: $0, as: SafetensorsFormat()) },
            save(".ckpt AES-GCM", beside: ".ckpt") { [self] in try save(to: $0, as: CkptFormat(), encryption) },
            peer("torch"), peer("safetensors"), peer("MindSpore"), peer("MindSpore AES-GCM"),
        ]
    }

    private func save(
        _ name: String, beside rival: String, _ body: @escaping (FilePath) throws -> Void
    ) -> Contestant {
        saving(name, beside: rival) { path in try Effort.measure { try body(path) } }
    }

    private func peer(_ name: String) -> Contestant {
        guard peers.installed.contains(name) else { return Contestant(name: name, rival: "write()", run: nil) }
        return saving(name, beside: "write()") { [self] in try peers.run("save", name, $0) }
    }

    /// A contestant that makes a new file, which is deleted afterwards: before the system begins to write it to the disk.
    private func saving(
        _ name: String, beside rival: String, _ body: @escaping (FilePath) throws -> Effort
    ) -> Contestant {
        Contestant(name: name, rival: rival) { [self] in
            // MindSpore and torch go by the end of the name.
            let path = directory.appending("saved.ckpt")
            defer { try? files.remove(path) }
            return try body(path)
        }
    }

    private func writePlainly(to path: FilePath, headByteCount: Int = 0) throws {
        let head = [UInt8](repeating: 0, count: headByteCount)
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
        try file.closeAfter {
            for (_, tensor) in tensors {
                try file.writeAll(head)
                _ = try unsafe tensor.bytes.span.withUnsafeBytes { try unsafe file.writeAll($0) }
            }
        }
    }
}
