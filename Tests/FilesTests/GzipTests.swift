import Files
import SystemPackage
import Testing

struct GzipTests {
    /// `printf 'lockstep' | gzip -n`.
    static let lockstep: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 201, 79, 206, 46, 46, 73, 45, 0, 0, 25, 76, 231, 157, 8, 0, 0, 0,
    ]
    static let text = Array("lockstep".utf8)

    @Test func aFileIsDecompressed() throws {
        #expect(try Gzip.inflate(Self.lockstep, limit: 8) == Self.text)
    }

    @Test func severalMembersAreJoined() throws {
        #expect(try Gzip.inflate(Self.lockstep + Self.lockstep, limit: 16) == Self.text + Self.text)
    }

    @Test func aMillionZerosComeOutOfAThousandBytes() throws {
        let bytes = try Gzip.inflate(Self.zeros, limit: 1_000_000)
        #expect(bytes.count == 1_000_000 && bytes.allSatisfy { $0 == 0 })
    }

    @Test func moreThanTheLimitIsRefused() {
        #expect(throws: GzipError.tooLarge(limit: 7)) { try Gzip.inflate(Self.lockstep, limit: 7) }
        #expect(throws: GzipError.tooLarge(limit: 70_000)) { try Gzip.inflate(Self.zeros, limit: 70_000) }
    }

    @Test func whatIsNotGzipIsRefused() {
        #expect(throws: GzipError.notGzip) { try Gzip.inflate([], limit: 100) }
        #expect(throws: GzipError.notGzip) { try Gzip.inflate(Array("plain".utf8), limit: 100) }
    }

    @Test func everyTruncationIsFound() {
        for count in 2..<Self.lockstep.count {
            #expect(throws: GzipError.truncated) { try Gzip.inflate(Array(Self.lockstep.prefix(count)), limit: 100) }
        }
    }

    @Test func noFlippedBitGivesOtherData() {
        // Byte 10 is where the data begin. Flipping a bit that pads the last byte of them changes nothing.
        for index in 10..<Self.lockstep.count {
            for bit in 0..<8 {
                var bytes = Self.lockstep
                bytes[index] ^= 1 << bit
                guard let result = try? Gzip.inflate(bytes, limit: 100) else { continue }
                #expect(result == Self.text && index < Self.lockstep.count - 8)
            }
        }
    }

    @Test func garbageAfterTheEndIsRefused() {
        #expect(throws: GzipError.self) { try Gzip.inflate(Self.lockstep + [1, 2, 3], limit: 100) }
    }

    @Test func aFileIsDecompressedPieceByPieceAsAWhole() throws {
        let folder = try TemporaryDirectory()
        for bytes in [Self.lockstep, Self.zeros, Self.zeros + Self.lockstep + [0, 0, 0]] {
            let path = folder.path.appending("data.gz")
            try LocalFileSystem().replaceContents(of: path, with: bytes)
            var pieces: [[UInt8]] = []
            try Gzip.inflate(LocalFileSystem().open(path)) { pieces.append($0) }
            #expect(pieces.flatMap { $0 } == (try Gzip.inflate(bytes, limit: 2_000_000)))
            #expect(pieces.allSatisfy { $0.count <= 1 << 16 })
        }
    }

    @Test func aFileThatIsCutOffIsFoundPieceByPieceToo() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path.appending("data.gz")
        for bytes in [Array(Self.zeros.dropLast()), Array(Self.lockstep.prefix(12))] {
            try LocalFileSystem().replaceContents(of: path, with: bytes)
            #expect(throws: GzipError.truncated) { try Gzip.inflate(LocalFileSystem().open(path)) { _ in } }
        }
    }

    /// A million zeros compressed by `gzip -9n`.
    static let zeros: [UInt8] =
        [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 1, 1, 0, 0, 0, 130, 32, 255, 175, 110, 72, 64, 1]
        + [UInt8](repeating: 0, count: 968) + [175, 6, 158, 203, 121, 18, 64, 66, 15, 0]
}
