import Files
import Testing

struct ChecksumTests {
    // Expected values were printed by xxhsum 0.8.1 (-H3) and by Python's zlib.crc32.
    @Test(arguments: [
        ("", "2d06800538d394c2", 0), ("a", "e6c632b61e964e1f", 0xE8B7_BE43 as UInt32),
        ("123456789", "72dcb18b67a17dff", 0xCBF4_3926),
    ])
    func knownChecksums(text: String, xxh3: String, crc: UInt32) {
        let bytes = Array(text.utf8)
        var checksum = Checksum()
        checksum.update(bytes.span)
        #expect(checksum.hexadecimal == xxh3)
        var crc32 = CRC32()
        crc32.update(bytes.span)
        #expect(crc32.value == crc)
    }

    @Test func piecesGiveTheChecksumOfTheWhole() throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        var whole = Checksum()
        var wholeCRC = CRC32()
        whole.update(bytes.span)
        wholeCRC.update(bytes.span)

        let sink = MemoryFile()
        let file = ChecksummingFile(sink)
        var crc = CRC32()
        for range in [0..<1, 1..<1, 1..<300_000, 300_000..<3_000_000] {
            try file.write(bytes.span.extracting(range))
            crc.update(bytes.span.extracting(range))
        }
        #expect(file.checksumValue == whole.value)
        #expect(file.byteCount == bytes.count)
        #expect(crc.value == wholeCRC.value)
        #expect(sink.bytes == bytes)
    }

    @Test func hexadecimalKeepsItsLeadingZeros() {
        #expect(Checksum.hexadecimal(0xAB) == "00000000000000ab")
    }
}

/// A file that keeps what is written to it.
private final class MemoryFile: WritableFile {
    private(set) var bytes: [UInt8] = []

    func write(_ bytes: RawSpan) {
        for index in bytes.byteOffsets {
            self.bytes.append(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
    }
    func synchronize() {}
    func close() {}
}
