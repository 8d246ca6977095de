import Checkpoints
import CheckpointsTestKit
import SystemPackage
import Tensors
import Testing

struct SafetensorsTests {
    static let vectors = Vector.all(in: "safetensors")

    private func write(_ vector: Vector) throws -> [UInt8] {
        let entries = vector.entries.map(\.checkpointEntry)
        let options = FormatOptions(
            crc: vector.metadata?["crc_num"] != nil,
            removeRedundancy: vector.metadata?["remove_redundancy"].map { $0 == "True" })
        let file = MemoryFile()
        let format = SafetensorsFormat()
        let writer = try format.writer(to: file, of: entries, options: options)
        for index in try format.order(of: entries, options: options) {
            try writer.write(entries[index], vector.entries[index].contents.span)
        }
        try writer.finish()
        return file.bytes
    }

    @Test(arguments: vectors) func everyFileReadsToTheEntriesMindSporeSaw(vector: Vector) throws {
        let reader = try SafetensorsReader(file: MemoryReadableFile(try vector.bytes))
        #expect(Set(reader.entries) == Set(vector.entries.map(\.checkpointEntry)))
        for entry in vector.entries { #expect(try reader.contents(of: entry.name) == entry.contents) }
        #expect(reader.metadata == vector.metadata ?? [:])
        #expect(try reader.verify() == (vector.metadata?["crc_num"] != nil))
    }

    @Test(arguments: vectors) func writingTheEntriesBackGivesTheSameBytes(vector: Vector) throws {
        let expected = try vector.bytes
        let written = try write(vector)
        // MindSpore's order of the metadata is random; where it differs, the rest is compared.
        let end = Array("}".utf8)
        #expect(written.count == expected.count)
        #expect(
            written.split(separator: end, maxSplits: 1).last == expected.split(separator: end, maxSplits: 1).last)
        let reader = try SafetensorsReader(file: MemoryReadableFile(written))
        #expect(reader.metadata == vector.metadata ?? [:])
        if ["nothing", "crc", "remove_redundancy_false"].contains(where: { vector.path.hasSuffix("/\($0).safetensors") }
        ) {
            #expect(written == expected)
        }
    }

    @Test func whatTheFormatDoesNotHoldIsRefused() {
        let refused: [CheckpointEntry] = [
            CheckpointEntry("t", .text(byteCount: 4)), CheckpointEntry("c", .complex128, []),
            CheckpointEntry("format", .bool, []), CheckpointEntry("__metadata__", .bool, []),
        ]
        for entry in refused {
            #expect(throws: FormatError.self) { try SafetensorsFormat().order(of: [entry]) }
        }
        let twice = [CheckpointEntry("w", .bool, []), CheckpointEntry("w", .int8, [])]
        #expect(throws: FormatError.self) { try SafetensorsFormat().order(of: twice) }
        #expect(throws: FormatError.self) {
            try SafetensorsFormat().order(of: [CheckpointEntry("w", .bfloat16, [1])], options: FormatOptions(crc: true))
        }
    }

    @Test func theCRCOfANegativeNumberIsRefusedAsMindSporeRefusesIt() throws {
        let entry = CheckpointEntry("n", .int8, [])
        let writer = try SafetensorsFormat().writer(to: MemoryFile(), of: [entry], options: FormatOptions(crc: true))
        try writer.begin(entry)
        #expect(throws: FormatError.self) { try writer.append([0xFF as UInt8].span) }
    }

    @Test func emptyTensorsAreKept() throws {
        let entries = [CheckpointEntry("e", .float32, [0, 3]), CheckpointEntry("w", .uint8, [1])]
        let file = MemoryFile()
        let writer = try SafetensorsFormat().writer(to: file, of: entries)
        try writer.begin(entries[0])
        try writer.write(entries[1], [7 as UInt8].span)
        try writer.finish()
        #expect(try SafetensorsReader(file: MemoryReadableFile(file.bytes)).entries == entries)
    }

    private static func file(_ header: String, _ data: Int = 0) -> [UInt8] {
        let text = Array(header.utf8)
        return [UInt8(truncatingIfNeeded: text.count), UInt8(text.count >> 8), 0, 0, 0, 0, 0, 0] + text
            + [UInt8](repeating: 0, count: data)
    }

    private static func tensor(_ name: String, _ type: String, _ shape: String, _ start: Int, _ end: Int) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
    }

    static let damages: [(bytes: [UInt8], offset: Int, damage: FormatDamage)] = [
        ([], 0, .empty),
        ([1, 2, 3], 0, .cutOff(needed: 8, left: 3)),
        ([0, 0xE1, 0xF5, 5, 0, 0, 0, 0], 8, .cutOff(needed: 100_000_000, left: 0)),
        ([0xFF, 0xE1, 0xF5, 0xFF, 0, 0, 0, 0], 0, .headerTooLong(byteCount: 0xFFF5_E1FF)),
        ([9, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], 8, .cutOff(needed: 9, left: 2)),
        (file(""), 8, .headerSyntax(expected: "{")),
        (file("{} x"), 11, .headerSyntax(expected: "the end of the header")),
        (file("{\"a\":1}"), 13, .headerSyntax(expected: "{")),
        (file("{\"\\x\":{}}"), 12, .headerSyntax(expected: "an escaped character")),
        (file("{\"a\":{\"type\":0}}"), 14, .headerSyntax(expected: "dtype, shape or data_offsets")),
        (file("{\(tensor("a", "F32", "[-1]", 0, 4))}", 4), 37, .headerSyntax(expected: "a whole number")),
        (file("{\(tensor("a", "F33", "[1]", 0, 4))}", 4), 9, .typeUnknown(name: "a", type: "F33")),
        (file("{\(tensor("a", "F32", "[2]", 0, 4))}", 4), 9, .contentSize(name: "a", expected: 8, found: 4)),
        (file("{\(tensor("a", "F32", "[9223372036854775807,2]", 0, 4))}", 4), 9, .sizeTooLarge(name: "a")),
        (file("{\(tensor("a", "U8", "[4]", 1, 5))}", 5), 9, .dataOffsets(name: "a", expected: 0)),
        (file("{\(tensor("a", "U8", "[4]", 0, 4))}", 3), 9, .dataOffsets(name: "a", expected: 0)),
        (file("{\(tensor("a", "U8", "[4]", 0, 4))}", 6), 65, .dataUnclaimed(byteCount: 2)),
        (
            file("{\(tensor("a", "U8", "[1]", 0, 1)),\(tensor("a", "U8", "[1]", 1, 2))}", 2), 61,
            .nameRepeated(name: "a")
        ),
    ]

    @Test(arguments: damages.indices) func everyDamageHasItsOwnError(index: Int) {
        let (bytes, offset, damage) = Self.damages[index]
        #expect(throws: FormatError.damaged(path: "memory", offset: offset, damage)) {
            try SafetensorsReader(file: MemoryReadableFile(bytes))
        }
    }

    @Test func escapedNamesAndSpacesAreRead() throws {
        let header =
            " { \"\\u00e9\\ud83d\\ude00\\n\" : {\"shape\" : [ ], \"data_offsets\":[0 , 1],\n\"dtype\":\"BOOL\"} }  "
        let reader = try SafetensorsReader(file: MemoryReadableFile(Self.file(header, 1)))
        #expect(reader.entries == [CheckpointEntry("é😀\n", .bool, [])])
    }
}
