import Files
import Tensors
import Wire

/// The header of a `.safetensors` file, with nothing in it believed but what has been checked.
struct SafetensorsHeader {
    /// The longest header in bytes: the limit of the `safetensors` package.
    static let limit = 100_000_000

    private(set) var metadata: [String: String] = [:]
    private(set) var entries: [CheckpointEntry] = []

    /// Where the contents of each entry lie in the file.
    private(set) var contents: [Range<Int>] = []

    private(set) var positions: [String: Int] = [:]

    private let file: any ReadableFile
    private var json: HeaderJSON

    init(of file: any ReadableFile) throws(FormatError) {
        self.file = file
        guard file.byteCount > 0 else { throw .damaged(path: file.path, offset: 0, .empty) }
        guard file.byteCount >= 8 else {
            throw .damaged(path: file.path, offset: 0, .cutOff(needed: 8, left: file.byteCount))
        }
        let scanner = FormatScanner(file)
        let count = try scanner.bytes(in: 0..<8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard count <= UInt64(Self.limit) else { throw scanner.damage(0, .headerTooLong(byteCount: count)) }
        guard count <= UInt64(file.byteCount - 8) else {
            throw scanner.damage(8, .cutOff(needed: count, left: file.byteCount - 8))
        }
        let dataStart = 8 + Int(count)
        json = HeaderJSON(try scanner.bytes(in: 8..<dataStart), path: file.path, fileOffset: 8)
        let tensors = try members()
        try add(tensors, dataStart: dataStart)
        json = HeaderJSON([], path: file.path, fileOffset: 8)
    }

    /// A tensor as the header states it.
    private struct Tensor {
        let name: String
        let offset: Int
        var type = ""
        var dimensions: [Int] = []
        var range: [Int] = []
    }

    private mutating func members() throws(FormatError) -> [Tensor] {
        var tensors: [Tensor] = []
        try json.require("{")
        var separator = json.skip("}") ? nil : "," as Character?
        while separator != nil {
            let offset = json.fileOffset
            let name = try json.string()
            try json.require(":")
            if name == "__metadata__" {
                try readMetadata()
            } else {
                tensors.append(try tensor(name, offset: offset))
            }
            separator = try json.separator(or: "}")
        }
        try json.requireEnd()
        return tensors
    }

    private mutating func readMetadata() throws(FormatError) {
        try json.require("{")
        var separator = json.skip("}") ? nil : "," as Character?
        while separator != nil {
            let name = try json.string()
            try json.require(":")
            metadata[name] = try json.string()
            separator = try json.separator(or: "}")
        }
    }

    private mutating func tensor(_ name: String, offset: Int) throws(FormatError) -> Tensor {
        var tensor = Tensor(name: name, offset: offset)
        try json.require("{")
        var separator = json.skip("}") ? nil : "," as Character?
        while separator != nil {
            let start = json.fileOffset
            let key = try json.string()
            try json.require(":")
            switch key {
            case "dtype": tensor.type = try json.string()
            case "shape": tensor.dimensions = try json.integers()
            case "data_offsets": tensor.range = try json.integers()
            default: throw damage(start, .headerSyntax(expected: "dtype, shape or data_offsets"))
            }
            separator = try json.separator(or: "}")
        }
        return tensor
    }

    private func damage(_ offset: Int, _ damage: FormatDamage) -> FormatError {
        .damaged(path: file.path, offset: offset, damage)
    }

    /// Checks that the tensors follow each other without gaps to the end of the file.
    private mutating func add(_ tensors: [Tensor], dataStart: Int) throws(FormatError) {
        let byteCount = file.byteCount - dataStart
        var end = 0
        for tensor in tensors {
            guard positions[tensor.name] == nil else {
                throw damage(tensor.offset, .nameRepeated(name: tensor.name))
            }
            guard tensor.range.count == 2, tensor.range[0] == end, tensor.range[1] >= end, tensor.range[1] <= byteCount
            else { throw damage(tensor.offset, .dataOffsets(name: tensor.name, expected: end)) }
            let entry = CheckpointEntry(tensor.name, .tensor(try type(of: tensor)))
            guard entry.byteCount == tensor.range[1] - end else {
                throw damage(
                    tensor.offset,
                    .contentSize(name: tensor.name, expected: entry.byteCount, found: tensor.range[1] - end))
            }
            positions[tensor.name] = entries.count
            entries.append(entry)
            contents.append(dataStart + end..<dataStart + tensor.range[1])
            end = tensor.range[1]
        }
        guard end == byteCount else { throw damage(dataStart + end, .dataUnclaimed(byteCount: byteCount - end)) }
    }

    private func type(of tensor: Tensor) throws(FormatError) -> TensorType {
        guard let stored = SafetensorsFormat.typeNames.first(where: { $0.name == tensor.type })?.type else {
            throw damage(tensor.offset, .typeUnknown(name: tensor.name, type: tensor.type))
        }
        guard tensor.dimensions.count <= CkptReader.dimensionLimit else {
            throw damage(tensor.offset, .dimensionsTooMany(name: tensor.name))
        }
        let isPair = stored == .int8 && metadata[tensor.name] == ElementType.int4.mindSporeName
        guard let type = TensorType(checking: isPair ? .int4 : stored, tensor.dimensions) else {
            throw damage(tensor.offset, .sizeTooLarge(name: tensor.name))
        }
        return type
    }
}
