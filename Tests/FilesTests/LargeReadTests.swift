import Files
import Memory
import SystemPackage
import Testing

/// Several threads read much at once, which nobody may notice.
struct LargeReadTests {
    private let directory: TemporaryDirectory
    private static let bytes = (0..<5_300_000).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 5) }
    private let file: any ReadableFile

    init() throws {
        directory = try TemporaryDirectory()
        let files = LocalFileSystem()
        let path = directory.path.appending("a")
        try files.replaceContents(of: path, with: Self.bytes)
        file = try files.open(path)
    }

    /// Where in the file, where in a cache line of memory, and how many bytes.
    static let places = [0, 1, 57, 64, 2_097_151, 2_097_152, 2_100_000].flatMap { offset in
        [0, 1, 63].flatMap { begin in
            [0, 1, 63, 64, 1 << 20, 1 << 20 + 1, 3_000_001].map { (offset: offset, begin: begin, count: $0) }
        }
    }

    @Test(arguments: places) func everyByteComesToItsPlace(place: (offset: Int, begin: Int, count: Int)) throws {
        let expected = checksum(Self.bytes.span.extracting(place.offset..<place.offset + place.count))
        let memory = Slice<UInt8>(zeros: place.begin + place.count + 1)
        let target = memory[place.begin..<place.begin + place.count]
        var span = target.mutableSpan
        try file.read(into: &span, at: place.offset)
        #expect(checksum(target.span) == expected)
        // And no byte to any other place.
        let last = memory.count - 1
        #expect(memory.span[last] == 0 && (place.begin == 0 || memory.span[place.begin - 1] == 0))
    }

    private func checksum(_ bytes: Span<UInt8>) -> String {
        var checksum = Checksum()
        checksum.update(bytes)
        return checksum.hexadecimal
    }

    @Test func theEndOfTheFileIsFoundByTheFirstThatMissesBytes() throws {
        // The last of the pieces lies behind the end altogether.
        let memory = Slice<UInt8>(zeros: 6_000_000)
        let error = #expect(throws: FileError.self) {
            var span = memory.mutableSpan
            try file.read(into: &span, at: 2_500_001)
        }
        #expect(error?.reason.hasPrefix("it ends at byte 5300000, within bytes ") == true)
    }
}
