import Files
import Tensors
import Wire

/// The header of a `.safetensors` file, of which everything has been checked.
///
/// The order of its members is free; entries are in the order of the data.
struct SafetensorsHeader {
    /// The longest header in bytes: the limit of the `safetensors` package.
    static let limit = 100_000_000

    private(set) var metadata: [ByteName: String] = [:]
    private(set) var entries: [CheckpointEntry] = []

    /// Where the contents of each entry lie in the file.
    private(set) var contents: [Range<Int>] = []

    private(set) var positions: [ByteName: Int] = [:]

    private let file: any ReadableFile

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
        var json = HeaderJSON(try scanner.bytes(in: 8..<dataStart), path: file.path, fileOffset: 8)
        let tensors = try members(&json)
        try add(tensors, dataStart: dataStart)
    }

    private mutating func members(_ json: inout HeaderJSON) throws(FormatError) -> [SafetensorsTensor] {
        var tensors: [SafetensorsTensor] = []
        var names: Set<ByteName> = []
        try json.object { (json, name, offset) throws(FormatError) in
            guard names.add(name) else { throw damage(offset, .nameRepeated(name: name)) }
            if name == "__metadata__" {
                try readMetadata(&json)
            } else {
                tensors.append(try SafetensorsTensor(named: name, at: offset, &json))
            }
        }
        try json.requireEnd()
        return tensors
    }

    /// The texts, or `null` for none.
    private mutating func readMetadata(_ json: inout HeaderJSON) throws(FormatError) {
        guard !json.skipNull() else { return }
        try json.object { (json, name, _) throws(FormatError) in metadata[name] = try json.string() }
    }

    private func damage(_ offset: Int, _ damage: FormatDamage) -> FormatError {
        .damaged(path: file.path, offset: offset, damage)
    }

    /// Checks that the data of the tensors follow each other without gaps to the end of the file.
    private mutating func add(_ tensors: [SafetensorsTensor], dataStart: Int) throws(FormatError) {
        let byteCount = file.byteCount - dataStart
        var end = 0
        // Of tensors that begin at one byte, all but the last are empty.
        let inOrder = tensors.sorted { a, b in
            a.range != b.range ? a.range.lexicographicallyPrecedes(b.range) : a.offset < b.offset
        }
        for tensor in inOrder {
            guard tensor.range.count == 2, tensor.range[0] == end, tensor.range[1] >= end, tensor.range[1] <= byteCount
            else { throw damage(tensor.offset, .dataOffsets(name: tensor.name, expected: end)) }
            let entry = CheckpointEntry(tensor.name, try kind(of: tensor))
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

    private func kind(of tensor: SafetensorsTensor) throws(FormatError) -> CheckpointEntry.Kind {
        guard tensor.dimensions.count <= CkptReader.dimensionLimit else {
            throw damage(tensor.offset, .dimensionsTooMany(name: tensor.name))
        }
        guard let stored = SafetensorsFormat.typeNames.first(where: { $0.name == tensor.type })?.type else {
            let byteCount = tensor.range[1] - tensor.range[0]
            guard let foreign = ForeignType(tensor.type, tensor.dimensions, byteCount: byteCount) else {
                throw damage(tensor.offset, .typeUnknown(name: tensor.name, type: tensor.type))
            }
            return .foreign(foreign)
        }
        let isPair = stored == .int8 && metadata[tensor.name] == ElementType.int4.mindSporeName
        guard let type = TensorType(checking: isPair ? .int4 : stored, tensor.dimensions) else {
            throw damage(tensor.offset, .sizeTooLarge(name: tensor.name))
        }
        return .tensor(type)
    }
}

/// A tensor as a header states it, with nothing checked yet.
private struct SafetensorsTensor {
    let name: String
    let offset: Int
    let type: String
    let dimensions: [Int]
    let range: [Int]

    /// Reads the members of a tensor; the package passes over those that it does not know, and so does this.
    init(named name: String, at offset: Int, _ json: inout HeaderJSON) throws(FormatError) {
        var (type, dimensions, range): (String?, [Int]?, [Int]?)
        let inside = json.fileOffset + 1
        try json.object { (json, member, offset) throws(FormatError) in
            switch member {
            case "dtype" where type == nil: type = try json.string()
            case "shape" where dimensions == nil: dimensions = try json.integers()
            case "data_offsets" where range == nil: range = try json.integers()
            case "dtype", "shape", "data_offsets": throw json.damage(offset, .nameRepeated(name: member))
            default: try json.skipValue()
            }
        }
        guard let type, let dimensions, let range else {
            throw json.damage(inside, .headerSyntax(expected: "dtype, shape or data_offsets"))
        }
        self.name = name
        self.offset = offset
        self.type = type
        self.dimensions = dimensions
        self.range = range
    }
}
