import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import Files
import SystemPackage
import Tensors
import Testing

/// What somebody can do who may write to the directory and has not got the key. None of it is accepted.
struct ForgeryTests {
    /// What the files of a set are.
    enum Form: String, CaseIterable, Sendable {
        case gcm = "AES-GCM"
        case cbc = "AES-CBC"
        case safetensors
    }

    private let disk = MemoryFileSystem()
    private let key: EncryptionKey

    init() throws {
        key = try EncryptionKey([UInt8](repeating: 7, count: 32).span)
    }

    // MARK: Sets

    private func directory(_ disk: any FileSystem) -> CheckpointDirectory {
        CheckpointDirectory(output, fileSystem: disk, key: key)
    }

    /// Publishes a set of two files with state, each in blocks of 64 plain bytes, and a strategy.
    @discardableResult
    private func save(_ name: String, _ form: Form, step: Int, value: Float) throws -> Manifest {
        let format: any CheckpointFormat = form == .safetensors ? SafetensorsFormat() : CkptFormat()
        let mode = EncryptionMode(rawValue: form.rawValue)
        let encryption = try mode.map { try Encryption(key: key, mode: $0) }
        let files = (0..<2).map { number in
            let path = "rank_0/\(name)-\(number).\(format.fileExtension)"
            return CheckpointFile(path, role: number == 0 ? .state : .network) { file in
                let encrypting = encryption.map {
                    EncryptingFile(file, path: FilePath(path), encryption: $0, blockByteCount: 64)
                }
                let target = encrypting ?? file
                let entries = (0..<4).map { CheckpointEntry("w\($0)", .float32, [16]) }
                let writer = try format.writer(to: target, of: entries)
                for index in try format.order(of: entries) {
                    let values = (0..<16).map { value + Float(index * 16 + $0 + number) }
                    try writer.write(entries[index].name, .tensor(Tensor(values, shape: [16])))
                }
                try writer.finish()
                try target.synchronize()
            }
        }
        let bytes: [UInt8] = [8, 1, 18, 2]
        let strategy = CheckpointFile("strategy/\(name).ckpt", role: .companion) { try $0.write(bytes.span) }
        return try CheckpointPublisher(directory(disk), world: SoloCommunicator()).publish(
            set(name, step: step), files: files + [strategy]
        ).manifest
    }

    /// Whether a run carries on from the set, or `ckpt verify` calls it whole; throws nothing.
    private func isAccepted(_ disk: MemoryFileSystem) -> Bool {
        let directory = directory(disk)
        let key = key
        let restorer = CheckpointRestorer(directory, world: SoloCommunicator()) { file in
            try CheckpointFormats.open(file, key: key, acceptsPlain: true)
        }
        if (try? directory.list())?.manifests.isEmpty != false { return false }
        guard let manifest = (try? restorer.restoreNewest())??.manifest else { return false }
        return (try? directory.verify(manifest)) != nil
    }

    private func paths(_ manifest: Manifest) -> [FilePath] {
        manifest.files.map { output.appending($0.path) } + [output.appending("\(manifest.name).manifest.json")]
    }

    private func bytes(_ path: FilePath) throws -> [UInt8] { try disk.contents(of: path, limit: 1 << 20) }

    private func accepts(_ bytes: [UInt8], as path: FilePath) throws -> Bool {
        let copy = disk.copy()
        try copy.replaceContents(of: path, with: bytes)
        return isAccepted(copy)
    }

    // MARK: Attacks

    @Test(arguments: Form.allCases) func noByteOfASetCanBeChanged(form: Form) throws {
        let manifest = try save("a", form, step: 1, value: 1)
        #expect(isAccepted(disk))
        var accepted: [String] = []
        for path in paths(manifest) {
            let sound = try bytes(path)
            for index in sound.indices {
                var changed = sound
                changed[index] ^= index % 2 == 0 ? 1 : 0x20
                if try accepts(changed, as: path) { accepted.append("byte \(index) of \(path)") }
            }
            if try accepts(sound + [0], as: path) { accepted.append("a byte after \(path)") }
            for count in stride(from: 0, to: sound.count, by: 7) where try accepts(Array(sound.prefix(count)), as: path)
            {
                accepted.append("\(count) bytes of \(path)")
            }
        }
        #expect(accepted == [])
    }

    /// Every block is authentic, and so is every file; they are not where they belong.
    @Test(arguments: [Form.gcm, .cbc]) func noBlockCanBeMovedRepeatedLeftOutOrTakenFromAnotherSet(form: Form) throws {
        let other = try save("b", form, step: 1, value: 100)
        let manifest = try save("a", form, step: 2, value: 1)
        let path = paths(manifest)[0]
        let blocks = Blocks(of: try bytes(path), form)
        #expect(blocks.count > 3)
        var forgeries = blocks.indices.flatMap { index in
            [blocks.removing(index), blocks.repeating(index)]
                + blocks.indices.filter { $0 > index }.map { blocks.swapping(index, $0) }
        }
        for donor in [paths(manifest)[1]] + paths(other).dropLast(2) {
            let others = Blocks(of: try bytes(donor), form)
            forgeries += blocks.indices.map { blocks.replacing($0, by: others) } + [blocks.bytes + others.bytes]
        }
        // The other set is whole: it must not be what is found.
        for path in paths(other).suffix(1) { try disk.remove(path) }
        #expect(isAccepted(disk))
        var accepted = 0
        for forgery in forgeries where try accepts(forgery, as: path) { accepted += 1 }
        #expect(accepted == 0 && forgeries.count > 20)
    }

    @Test(arguments: Form.allCases) func noFileCanTakeThePlaceOfAnother(form: Form) throws {
        let other = try save("b", form, step: 1, value: 100)
        let manifest = try save("a", form, step: 2, value: 1)
        let all = try (paths(manifest) + paths(other)).map { ($0, try bytes($0)) }
        try disk.remove(output.appending("b.manifest.json"))
        var accepted: [String] = []
        for path in paths(manifest) {
            for (donor, bytes) in all where donor != path && !(path.string.contains("strategy") && bytes.count == 4) {
                if try accepts(bytes, as: path) { accepted.append("\(donor) as \(path)") }
            }
        }
        #expect(accepted == [])
    }

    /// With the code that the key makes of the bytes of an attacker, they would be authentic.
    @Test func noComputedCodeIsTold() throws {
        let manifest = try save("a", .cbc, step: 1, value: 1)
        disk.damage(paths(manifest)[0], at: 200)
        #expect(throws: CheckpointSetError.wrongCode(path: paths(manifest)[0])) {
            try directory(disk).verify(manifest)
        }
        do {
            _ = try CheckpointRestorer(directory(disk), world: SoloCommunicator()).restoreNewest()
            Issue.record("a damaged set was restored")
        } catch {
            #expect("\(error)".contains("is damaged, or was changed"))
            #expect(!"\(error)".contains(/[0-9a-f]{16}/), "\(error)")
        }
    }

    /// How the state decrypts is no news to who has changed it: every change gets the same answer.
    @Test func everyChangeOfAChainedFileGetsTheSameAnswer() throws {
        let manifest = try save("a", .cbc, step: 1, value: 1)
        let path = paths(manifest)[0]
        let key = key
        var answers: Set<String> = []
        for index in try bytes(path).indices {
            let copy = disk.copy()
            copy.damage(path, at: index)
            let restorer = CheckpointRestorer(directory(copy), world: SoloCommunicator()) {
                try CheckpointFormats.open($0, key: key)
            }
            do {
                _ = try restorer.restoreNewest(for: [ShardedParameter("w", Tensor(zeros: [3]))])
                Issue.record("byte \(index) was accepted")
            } catch {
                answers.insert("\(error)")
            }
        }
        #expect(answers.count == 1, "\(answers)")
    }

    // MARK: Codes of earlier versions

    @Test func setsWithOldCodesAreReadWithAWarningAndOnlyAfterOthers() throws {
        // "old" was saved later, but whoever has seen its codes could have made it.
        try save("new", .gcm, step: 1, value: 1)
        let old = try save("old", .gcm, step: 9, value: 5)
        try OldCodes.write(old, to: disk, key: key)
        let restorer = CheckpointRestorer(directory(disk), world: SoloCommunicator()) { [key] file in
            try CheckpointFormats.open(file, key: key)
        }
        let newest = try #require(try restorer.restoreNewest())
        #expect(newest.manifest.name == "new" && newest.warnings == [])
        // Named, or alone, it is read.
        let named = try #require(try restorer.restore(named: "old"))
        #expect(try named.reader.tensor("w0").elements(of: Float.self).first == 5)
        #expect(named.warnings.count == 1 && named.warnings[0].contains("codes as earlier versions made them"))
        // A changed byte is found all the same.
        disk.damage(paths(old)[0], at: 60)
        #expect(throws: CheckpointSetError.self) { try restorer.restore(named: "old") }
    }
}

/// An encrypted file, block by block.
private struct Blocks {
    private let blocks: [[UInt8]]

    init(of bytes: [UInt8], _ form: ForgeryTests.Form) {
        let size = form == .gcm ? 48 + 64 : 32 + 80
        blocks = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    var count: Int { blocks.count }
    var indices: Range<Int> { blocks.indices }
    var bytes: [UInt8] { blocks.flatMap(\.self) }

    private func changing(_ change: (inout [[UInt8]]) -> Void) -> [UInt8] {
        var blocks = blocks
        change(&blocks)
        return blocks.flatMap(\.self)
    }

    func removing(_ index: Int) -> [UInt8] { changing { $0.remove(at: index) } }
    func repeating(_ index: Int) -> [UInt8] { changing { $0.insert($0[index], at: index) } }
    func swapping(_ a: Int, _ b: Int) -> [UInt8] { changing { $0.swapAt(a, b) } }
    func replacing(_ index: Int, by other: Blocks) -> [UInt8] { changing { $0[index] = other.blocks[index] } }
}
