import Checkpoints
import Ciphers
import SystemPackage
import Tensors
import Terminal

/// What is in a checkpoint file, for people and for programs.
struct FileContents: Encodable {
    let path: String
    let format: String
    let byteCount: Int
    let crc: Bool
    let encryption: String?
    let entries: [EntryContents]

    init(_ source: Source, withStatistics: Bool) throws {
        path = source.reader.path.string
        format = source.format
        byteCount = source.byteCount
        crc = source.hasCRC
        encryption = source.mode?.rawValue
        entries = try source.reader.entries.map { entry in
            try EntryContents(entry, in: source.reader, withStatistics: withStatistics)
        }
    }

    var text: String {
        let tensors = entries.filter { $0.value == nil }
        let elements = tensors.compactMap { $0.shape?.reduce(1, *) }.reduce(0, +)
        let facts = Facts([
            ("file", path),
            ("form", format + (crc ? " with CRC" : "") + (encryption.map { ", encrypted (\($0))" } ?? "")),
            ("size", HumanText.bytes(byteCount)),
            ("tensors", "\(tensors.count), \(HumanText.count(elements, "element"))"),
        ])
        return [facts.text, tensorsText(tensors), valuesText].compactMap { $0 }.joined(separator: "\n\n")
    }

    private func tensorsText(_ tensors: [EntryContents]) -> String? {
        guard !tensors.isEmpty else { return nil }
        let hasStatistics = tensors.contains { $0.nanCount != nil }
        var table = Table(
            [("NAME", .left), ("TYPE", .left), ("SHAPE", .left), ("SIZE", .right)]
                + (hasStatistics ? [("MIN", .right), ("MAX", .right), ("MEAN", .right), ("NAN", .right)] : []))
        for tensor in tensors {
            table.add(tensor.cells + (hasStatistics ? tensor.statisticsCells : []))
        }
        return table.text
    }

    private var valuesText: String? {
        let values = entries.compactMap { entry in entry.value.map { (entry, $0) } }
        guard !values.isEmpty else { return nil }
        var table = Table([("VALUE OF", .left), ("TYPE", .left), ("", .left)])
        for (entry, value) in values { table.add([entry.name, entry.elementType ?? entry.kind, value.text]) }
        return table.text
    }
}

/// An entry of a checkpoint file.
struct EntryContents: Encodable {
    let name: String
    let kind: String
    let elementType: String?
    let shape: [Int]?
    let byteCount: Int
    let value: EntryValue?
    private(set) var minimum: Statistics.Number?
    private(set) var maximum: Statistics.Number?
    private(set) var mean: Double?
    private(set) var nanCount: Int?
    private(set) var infiniteCount: Int?

    init(_ entry: CheckpointEntry, in reader: any CheckpointReader, withStatistics: Bool) throws {
        name = entry.name
        byteCount = entry.byteCount
        var foreign: ForeignType?
        switch entry.kind {
        case .tensor: kind = "tensor"
        case .text: kind = "text"
        case .map: kind = "map"
        case .foreign(let type): (kind, foreign) = ("unsupported", type)
        }
        elementType = entry.tensorType?.elementType.mindSporeName ?? foreign?.elementType
        shape = entry.tensorType?.shape.dimensions ?? foreign?.dimensions
        value = try EntryValue(of: entry, in: reader)
        guard withStatistics, let type = entry.tensorType?.elementType else { return }
        let statistics = try Statistics(of: entry, type, in: reader)
        minimum = statistics.range?.minimum
        maximum = statistics.range?.maximum
        mean = statistics.mean
        nanCount = statistics.nanCount
        infiniteCount = statistics.infiniteCount
    }

    fileprivate var cells: [String] {
        [name, typeText, shape.map { "\($0)" } ?? "", HumanText.bytes(byteCount)]
    }

    private var typeText: String {
        guard let elementType else { return kind }
        return kind == "unsupported" ? "\(elementType) (not supported)" : elementType
    }

    fileprivate var statisticsCells: [String] {
        [
            minimum?.text ?? "", maximum?.text ?? "", mean.map(HumanText.number) ?? "",
            nanCount.map(String.init) ?? "",
        ]
    }
}

/// The value of a text, or of a tensor without dimensions, such as `epoch_num`.
enum EntryValue: Encodable {
    case text(String)
    case flag(Bool)
    case number(Statistics.Number)

    /// More of a text than this is not read: it may be a file's worth.
    private static let textByteLimit = 64 << 20

    /// More of a text is not shown to people.
    private static let shownLimit = 1 << 10

    /// Reads the value; nil if the entry is none.
    init?(of entry: CheckpointEntry, in reader: any CheckpointReader) throws {
        if case .text(let byteCount) = entry.kind {
            guard byteCount <= Self.textByteLimit else {
                return nil
            }
            self = .text(try reader.text(entry.name))
            return
        }
        guard let type = entry.tensorType, type.shape.rank == 0 else { return nil }
        switch type.elementType {
        case .bool: self = .flag(try reader.contents(of: entry.name) != [0])
        case .complex64, .complex128, .int4: return nil
        default:
            // One element is its own smallest one, unless it is NaN.
            let statistics = try Statistics(of: entry, type.elementType, in: reader)
            self = .number(statistics.range?.minimum ?? .real(.nan))
        }
    }

    var text: String {
        switch self {
        case .text(let text) where text.utf8.count > Self.shownLimit: "(\(HumanText.bytes(text.utf8.count)) of text)"
        case .text(let text): text
        case .flag(let flag): "\(flag)"
        case .number(let number): number.text
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .flag(let flag): try container.encode(flag)
        case .number(let number): try container.encode(number)
        }
    }
}
