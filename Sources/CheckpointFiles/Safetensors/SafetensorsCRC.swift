import Files
import Tensors

/// The `crc_num` of a safetensors file: over names in the order of their bytes, each followed by contents.
///
/// MindSpore passes each tensor to Python's `bytes()`, which takes an integer without dimensions, of value N, for a
/// wish for N zero bytes. Files must agree with MindSpore, so this does the same.
struct SafetensorsCRC {
    /// The largest integer without dimensions whose zeros are counted: two gigabytes of them take a second.
    static let integerLimit: UInt64 = 1 << 31

    private var crc = CRC32()
    private var entry: CheckpointEntry?
    private var number: [UInt8] = []

    /// The CRC of the entries so far.
    var value: UInt32 { crc.value }

    mutating func begin(_ entry: CheckpointEntry) {
        self.entry = entry
        number = []
        crc.update(Array(entry.name.utf8).span)
    }

    mutating func append(_ bytes: Span<UInt8>) throws(FormatError) {
        guard let entry, let type = entry.tensorType, type.shape.rank == 0, type.elementType.isInteger else {
            return crc.update(bytes)
        }
        for index in bytes.indices { number.append(bytes[index]) }
        guard number.count == type.byteCount else { return }
        let value = number.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        let isNegative = type.elementType.isSigned && (number.last ?? 0) >= 0x80
        guard !isNegative, value <= Self.integerLimit else {
            throw .cannotStore(
                name: entry.name, reason: "MindSpore has a CRC of numbers from 0 to \(Self.integerLimit) only")
        }
        let zeros = [UInt8](repeating: 0, count: Int(min(value, 1 << 20)))
        var rest = Int(value)
        while rest > 0 {
            let count = min(rest, zeros.count)
            crc.update(zeros.span.extracting(0..<count))
            rest -= count
        }
    }
}
