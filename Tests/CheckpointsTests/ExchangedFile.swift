import Checkpoints
import Tensors

/// What `exchange.py` should find in a file.
struct ExchangedFile: Encodable {
    struct Part: Encodable {
        let dtype: String
        let shape: [Int]
        let hex: String
    }

    struct Entry: Encodable {
        let name: String
        var dtype: String?
        var shape: [Int]?
        var hex: String?
        var text: String?
        var fill: Int?
        var parts: [Part]?
    }

    let path: String
    let crc: Int?
    let mode: String?
    let keyHex: String?
    let entries: [Entry]
}

/// An entry with its contents and its description for MindSpore.
struct ExchangedEntry {
    let entry: CheckpointEntry
    let bytes: [UInt8]
    let description: ExchangedFile.Entry

    init(_ name: String, _ type: ElementType, _ shape: [Int], _ bytes: [UInt8], fill: Int? = nil) {
        entry = CheckpointEntry(name, type, Shape(shape))
        self.bytes = bytes
        let hex = fill == nil ? hexadecimal(bytes) : nil
        description = ExchangedFile.Entry(name: name, dtype: type.mindSporeName, shape: shape, hex: hex, fill: fill)
    }

    private init(_ entry: CheckpointEntry, _ bytes: [UInt8], _ description: ExchangedFile.Entry) {
        self.entry = entry
        self.bytes = bytes
        self.description = description
    }

    /// Tensors of every type that MindSpore loads and the format stores.
    static func tensors(
        in format: some CheckpointFormat, options: FormatOptions = FormatOptions()
    ) -> [ExchangedEntry] {
        let types = ElementType.allCases.filter { ![.complex64, .complex128].contains($0) }
        let all = types.flatMap { type in
            [[], [1], [2, 3]].map { shape in
                // Small numbers, for a CRC of safetensors counts them in zeros; and 0 or 1, for Bool has no other.
                let count = shape.reduce(1, *) * type.byteCount
                return ExchangedEntry(
                    "\(type) \(shape.count)/é", type, shape,
                    (0..<count).map { $0 % max(type.byteCount, 2) == 0 ? 1 : 0 })
            }
        }
        return all.filter { (try? format.order(of: [$0.entry], options: options)) != nil }
    }

    /// A number, a flag and two strings.
    static let extras: [ExchangedEntry] =
        [
            ExchangedEntry("epoch_num", .int64, [], [3, 0, 0, 0, 0, 0, 0, 0]),
            ExchangedEntry("flag", .bool, [], [1]),
        ]
        + ["héllo 😀", ""].map { text in
            let entry = CheckpointValue.text(text).entry(named: "text of \(text.count)")
            return ExchangedEntry(
                entry, CheckpointText.encode(text), ExchangedFile.Entry(name: entry.name, text: text))
        }

    /// A map of one key.
    static let map: ExchangedEntry = {
        let row = TensorType([1], .int32)
        let part = ExchangedFile.Part(dtype: "int32", shape: [1], hex: "07000000")
        return ExchangedEntry(
            CheckpointEntry("map", .map(keys: row, values: row, status: row)), [7, 0, 0, 0, 7, 0, 0, 0, 7, 0, 0, 0],
            ExchangedFile.Entry(name: "map", parts: [part, part, part]))
    }()

    /// More than one block of an encrypted file holds.
    static let twoBlocks: [ExchangedEntry] = [
        ExchangedEntry("a", .uint8, [64 << 20], [UInt8](repeating: 7, count: 64 << 20), fill: 7),
        ExchangedEntry("b", .uint8, [1 << 20], [UInt8](repeating: 9, count: 1 << 20), fill: 9),
    ]
}

/// Two hexadecimal digits a byte.
func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
