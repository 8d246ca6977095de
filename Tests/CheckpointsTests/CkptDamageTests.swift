import Checkpoints
import CheckpointsTestKit
import SystemPackage
import Tensors
import Testing

/// Damaged and strange files: each is refused for its own reason or read rightly.
struct CkptDamageTests {
    /// Four entries of different kinds, with a CRC.
    static func sound() throws -> [UInt8] {
        let file = MemoryFile()
        let writer = CkptWriter(to: file, crc: true, sliceByteCount: 8)
        try writer.write(CheckpointEntry("w", .float32, [2, 3]), Array(0..<24).span)
        try writer.write("epoch_num", .integer(3))
        try writer.write("note", .text("hé"))
        let row = TensorType([1], .int32)
        try writer.write(CheckpointEntry("m", .map(keys: row, values: row, status: row)), Array(0..<12).span)
        try writer.finish()
        return file.bytes
    }

    private func read(_ bytes: [UInt8]) throws -> [(CheckpointEntry, [UInt8])] {
        let reader = try CkptReader(file: MemoryReadableFile(bytes))
        return try reader.entries.map { ($0, try reader.contents(of: $0.name)) }
    }

    @Test func cutAtAnyByteItIsRefusedOrHoldsTheFirstEntriesWhole() throws {
        let sound = try Self.sound()
        let all = try read(sound)
        for count in 0..<sound.count {
            guard let found = try? read(Array(sound.prefix(count))) else { continue }
            #expect(found.count <= all.count && zip(found, all).allSatisfy { $0 == $1 }, "cut at byte \(count)")
            let reader = try CkptReader(file: MemoryReadableFile(Array(sound.prefix(count))))
            #expect(try !reader.verify())
        }
    }

    @Test func noFlippedBitPassesTheCRC() throws {
        let sound = try Self.sound()
        for index in sound.indices {
            for bit in 0..<8 {
                var bytes = sound
                bytes[index] ^= 1 << bit
                guard let reader = try? CkptReader(file: MemoryReadableFile(bytes)) else { continue }
                #expect((try? reader.verify()) != true, "bit \(bit) of byte \(index)")
            }
        }
    }

    @Test func noRandomBytesMakeTheReaderFail() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1..<40)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // A record's frame around noise reaches deeper than noise alone.
            _ = try? read(bytes)
            _ = try? read([0x0A, UInt8(bytes.count + 5), 0x0A, 1, 0x77, 0x12, UInt8(bytes.count)] + bytes)
        }
    }

    /// A record of these bytes, whose length must be below 128.
    private static func record(_ value: [UInt8]) -> [UInt8] { [0x0A, UInt8(value.count)] + value }

    private static let name: [UInt8] = [0x0A, 1, 0x77]
    private static let float: [UInt8] = [0x12, 7] + Array("Float32".utf8)
    private static func tensor(_ contents: [UInt8]) -> [UInt8] { [0x12, UInt8(contents.count)] + contents }
    private static let huge: [UInt8] = [0x08] + [UInt8](repeating: 0xFF, count: 8) + [0x7F]

    static let damages: [(bytes: [UInt8], offset: Int, damage: FormatDamage)] = [
        ([0x0A, 5, 0x0A], 2, .cutOff(needed: 5, left: 1)),
        ([0x0A], 1, .cutOff(needed: 1, left: 0)),
        ([0x0A] + [UInt8](repeating: 0xFF, count: 10), 1, .integerTooLong),
        ([0x0B], 0, .fieldUnknown(key: 0x0B)),
        ([0x02, 0], 0, .fieldUnknown(key: 2)),
        ([0x08, 1], 0, .fieldType(number: 1)),
        (record(tensor(float)), 0, .nameMissing),
        (record([0x0A, 1, 0xFF]), 4, .nameNotUnicode),
        (record(name), 0, .valueMissing(name: "w")),
        (record(name + tensor([])), 5, .typeUnknown(name: "w", type: "")),
        (record(name + tensor([0x12, 7] + Array("float32".utf8))), 5, .typeUnknown(name: "w", type: "float32")),
        (
            record(name + tensor([0x12, 17] + [UInt8](repeating: 65, count: 17))), 9,
            .typeUnknown(name: "w", type: "17 characters")
        ),
        (record(name + tensor([0x08] + [UInt8](repeating: 0xFF, count: 9) + [1])), 7, .dimensionNegative(name: "w")),
        (record(name + tensor([0x0A, 33] + [UInt8](repeating: 1, count: 33))), 7, .dimensionsTooMany(name: "w")),
        (record(name + tensor(huge + huge + float)), 0, .sizeTooLarge(name: "w")),
        (record(name + tensor(float + [0x1A, 3, 1, 2, 3])), 0, .contentSize(name: "w", expected: 4, found: 3)),
        (
            record(name + tensor(float + [0x1A, 4, 1, 2, 3, 4])) + record(name + tensor([0x08, 2] + float)), 0,
            .piecesDisagree(name: "w")
        ),
        (record(name + [0x1A, 2, 0x0A, 0]), 7, .mapParts(name: "w", found: 1)),
        (record(name + tensor([0x08, 0, 0x12, 3] + Array("str".utf8))), 0, .textInvalid(name: "w")),
    ]

    @Test(arguments: damages.indices) func everyDamageHasItsOwnError(index: Int) {
        let (bytes, offset, damage) = Self.damages[index]
        #expect(throws: FormatError.damaged(path: "memory", offset: offset, damage)) {
            try CkptReader(file: MemoryReadableFile(bytes))
        }
    }

    @Test func aNameLongerThanAllowedIsNotRead() {
        let bytes: [UInt8] = [0x0A, 0x84, 0x80, 8, 0x0A, 0x80, 0x80, 8] + [UInt8](repeating: 65, count: 1 << 17)
        #expect(throws: FormatError.damaged(path: "memory", offset: 8, .nameTooLong(byteCount: 1 << 17))) {
            try CkptReader(file: MemoryReadableFile(bytes))
        }
    }

    @Test func aWrongCRCIsReportedWithBothNumbers() throws {
        var bytes = try Vector.named("plain/all_dtypes_crc.ckpt").bytes
        bytes[bytes.count - 1] ^= 1
        let reader = try CkptReader(file: MemoryReadableFile(bytes))
        #expect(reader.entries.count == 40)
        let damage = FormatDamage.checksum(stored: "00000000000014893433", computed: "00000000000014893432")
        #expect(throws: FormatError.damaged(path: "memory", offset: bytes.count - 17, damage)) {
            try reader.verify()
        }
    }

    @Test func packedDimensionsUnknownFieldsAndAnyOrderAreTaken() throws {
        let contents: [UInt8] = [0x1A, 8, 1, 2, 3, 4, 5, 6, 7, 8]
        let unknown: [UInt8] = [0x28, 7, 0x31, 0, 0, 0, 0, 0, 0, 0, 0, 0x3D, 0, 0, 0, 0, 0x42, 1, 9]
        let bytes =
            Self.record(
                Self.tensor(contents + unknown + Self.float + [0x0A, 2, 1, 2]) + unknown + Self.name) + unknown
        let entries = try read(bytes)
        #expect(entries.count == 1)
        #expect(entries.first?.0 == CheckpointEntry("w", .float32, [1, 2]))
        #expect(entries.first?.1 == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test func aLaterEntryReplacesAnEarlierOneInItsPlace() throws {
        func number(_ name: UInt8, _ value: UInt8) -> [UInt8] {
            Self.record([0x0A, 1, name] + Self.tensor(Self.float + [0x1A, 4, value, 0, 0, 0]))
        }
        let entries = try read(number(97, 1) + number(98, 2) + number(97, 3))
        #expect(entries.map(\.0.name) == ["a", "b"])
        #expect(entries.map { $0.1[0] } == [3, 2])
    }
}
