import Checkpoints
import CheckpointsTestKit
import Ciphers
import Files
import SystemPackage
import Testing

struct EncryptionTests {
    static let vectors = Vector.all(in: "encrypted").filter { $0.plaintextFile != nil }

    private func key(_ byteCount: Int, first: UInt8 = 0) throws -> EncryptionKey {
        let bytes = (0..<UInt8(byteCount)).map { $0 + first }
        return try EncryptionKey(bytes.span)
    }

    private func key(of vector: Vector) throws -> EncryptionKey {
        let bytes = bytes(fromHexadecimal: vector.keyHex ?? "")
        return try EncryptionKey(bytes.span)
    }

    private func decrypt(_ bytes: [UInt8], _ key: EncryptionKey) throws -> [UInt8] {
        let file = try DecryptedFile(MemoryReadableFile(bytes), key: key)
        var plain = [UInt8](repeating: 0, count: file.byteCount)
        var span = plain.mutableSpan
        try file.read(into: &span, at: 0)
        return plain
    }

    private func encrypt(_ plain: [UInt8], _ encryption: Encryption, block: Int = 64, piece: Int = 1000) throws
        -> [UInt8]
    {
        let target = MemoryFile()
        let file = EncryptingFile(target, path: "memory", encryption: encryption, blockByteCount: block)
        for start in stride(from: 0, to: plain.count, by: piece) {
            try file.write(plain.span.extracting(start..<min(start + piece, plain.count)))
        }
        try file.synchronize()
        try file.close()
        return target.bytes
    }

    @Test(arguments: vectors) func everyFileOfMindSporeIsDecrypted(vector: Vector) throws {
        let plain = try Vector.named(vector.plaintextFile ?? "").bytes
        #expect(try decrypt(try vector.bytes, try key(of: vector)) == plain)
        #expect(try EncryptionMode.mode(of: MemoryReadableFile(try vector.bytes))?.rawValue == vector.mode)
    }

    @Test(arguments: vectors) func ourFilesHaveTheSizeOfMindSpores(vector: Vector) throws {
        let mode = try #require(EncryptionMode(rawValue: vector.mode ?? ""))
        let plain = try Vector.named(vector.plaintextFile ?? "").bytes
        let encrypted = try encrypt(plain, Encryption(key: key(of: vector), mode: mode), block: 64 << 20)
        #expect(encrypted.count == (try vector.bytes).count)
        #expect(encrypted.prefix(4) == (try vector.bytes).prefix(4))
    }

    @Test func aClearTrailerAfterTheBlocksIsRefused() throws {
        let vector = Vector.named("encrypted/BROKEN_crc_and_encryption.ckpt")
        #expect(throws: FormatError.damaged(path: "memory", offset: 368, .cutOff(needed: 32, left: 17))) {
            try decrypt(try vector.bytes, try key(of: vector))
        }
    }

    static let keys: [(EncryptionMode, Int)] = EncryptionMode.allCases.flatMap { mode in
        mode.keyByteCounts.map { (mode, $0) }
    }

    @Test(arguments: keys) func everyModeAndKeyLengthComesBack(mode: EncryptionMode, byteCount: Int) throws {
        let encryption = try Encryption(key: try key(byteCount), mode: mode)
        for count in [1, 15, 16, 17, 63, 64, 65, 128, 300] {
            let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            for piece in [1, 7, 1000] {
                #expect(try decrypt(try encrypt(plain, encryption, piece: piece), encryption.key) == plain)
            }
        }
    }

    @Test func nothingEncryptedIsNothing() throws {
        #expect(try encrypt([], Encryption(key: try key(16))).isEmpty)
        #expect(throws: FormatError.damaged(path: "memory", offset: 0, .empty)) { try decrypt([], try key(16)) }
    }

    @Test(arguments: EncryptionMode.allCases) func partsAreReadAcrossBlocks(mode: EncryptionMode) throws {
        let plain = (0..<200).map { UInt8($0) }
        let encryption = try Encryption(key: try key(16), mode: mode)
        let file = try DecryptedFile(MemoryReadableFile(try encrypt(plain, encryption)), key: encryption.key)
        for start in stride(from: 0, to: 200, by: 9) {
            for end in stride(from: start, through: 200, by: 13) {
                var part = [UInt8](repeating: 0, count: end - start)
                var span = part.mutableSpan
                try file.read(into: &span, at: start)
                #expect(part == Array(plain[start..<end]))
            }
        }
    }

    @Test(arguments: EncryptionMode.allCases) func filesOneAfterAnotherReadAsOne(mode: EncryptionMode) throws {
        let encryption = try Encryption(key: try key(16), mode: mode)
        let both = try encrypt([1, 2, 3], encryption) + encrypt([4, 5], encryption)
        #expect(try decrypt(both, encryption.key) == [1, 2, 3, 4, 5])
    }

    @Test(arguments: EncryptionMode.allCases) func noByteMayBeMissingOrAdded(mode: EncryptionMode) throws {
        let encryption = try Encryption(key: try key(16), mode: mode)
        let sound = try encrypt(Array(0..<100), encryption)
        #expect(throws: (any Error).self) { try decrypt(sound + [0], encryption.key) }
        let blockEnd = CheckpointBlocks.end(of: mode)
        for count in 1..<sound.count where count != blockEnd {
            #expect(throws: (any Error).self, "cut at byte \(count)") {
                try decrypt(Array(sound.prefix(count)), encryption.key)
            }
        }
    }

    @Test func everyFlippedBitOfGCMIsFoundButInTheUnusedBytes() throws {
        let encryption = try Encryption(key: try key(32))
        let plain: [UInt8] = Array(0..<40)
        let sound = try encrypt(plain, encryption)
        for index in sound.indices {
            var bytes = sound
            bytes[index] ^= 4
            // Of the sixteen random bytes the last four are not used.
            if (40..<44).contains(index) {
                #expect(try decrypt(bytes, encryption.key) == plain)
            } else {
                #expect(throws: (any Error).self, "byte \(index)") { try decrypt(bytes, encryption.key) }
            }
        }
    }

    @Test func theWrongKeyIsRefused() throws {
        let bytes = try encrypt(Array(0..<40), Encryption(key: try key(16)))
        #expect(throws: (any Error).self) { try decrypt(bytes, try key(16, first: 1)) }
        let sm4 = try encrypt([1], Encryption(key: try key(16), mode: .sm4CBC))
        #expect(throws: FormatError.encryption(path: "memory", .keyLength(byteCount: 32, allowed: [16]))) {
            try decrypt(sm4, try key(32))
        }
    }

    @Test func aPlainFileWithAKeyAndAnEncryptedOneWithoutAreNamed() throws {
        let plain = try Vector.named("plain/append_dict.ckpt").bytes
        #expect(throws: FormatError.damaged(path: "memory", offset: 0, .notEncrypted)) {
            try decrypt(plain, try key(16))
        }
        for vector in Self.vectors {
            let mode = try #require(EncryptionMode(rawValue: vector.mode ?? ""))
            #expect(throws: FormatError.damaged(path: "memory", offset: 0, .encrypted(mode))) {
                try CkptReader(file: MemoryReadableFile(try vector.bytes))
            }
        }
    }

    @Test func aFullDiskSurfacesThroughTheEncryption() throws {
        let full = LocalWritableFile(try unsafe FileDescriptor.open("/dev/full", .writeOnly), named: "/dev/full")
        let file = EncryptingFile(
            full, path: "/dev/full", encryption: try Encryption(key: try key(16)), blockByteCount: 16)
        // A whole block is written while the next one is encrypted: its error is that of all calls that follow.
        let bytes = [UInt8](repeating: 7, count: 20)
        try file.write(bytes.span)
        #expect(throws: FileError.self) { try file.write(bytes.span) }
        #expect(throws: FileError.self) { try file.write(bytes.span) }
        #expect(throws: FileError.self) { try file.synchronize() }
        #expect(throws: FileError.self) { try file.close() }
    }

    @Test func blocksWrittenBehindLieInOrder() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 7) }
        for block in [1000, 4096, 50_000, 100_000] {
            let encryption = try Encryption(key: key(32))
            #expect(try decrypt(try encrypt(bytes, encryption, block: block, piece: 7001), encryption.key) == bytes)
        }
    }
}

/// Where the first block of 64 plain bytes ends: a file cut there is whole.
private enum CheckpointBlocks {
    static func end(of mode: EncryptionMode) -> Int { mode == .aesGCM ? 48 + 64 : 32 + 80 }
}
