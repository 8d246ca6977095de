public import Files
import Tensors

/// `.safetensors` files as MindSpore writes them.
///
/// They hold tensors only. With a CRC, contents are needed twice: the number stands in the header, before them.
public struct SafetensorsFormat: Sendable {
    /// Makes the format.
    public init() {}

    /// The names that the header uses for itself; MindSpore cannot load tensors of these names.
    static let reservedNames = ["__metadata__", "format", "crc_num", "remove_redundancy"]

    /// The names of types in the header, in the order in which tensors of these types follow each other: wide ones
    /// first, which keeps the data aligned.
    static let typeNames: [(name: String, type: ElementType)] = [
        ("U64", .uint64), ("I64", .int64), ("F64", .float64), ("C64", .complex64), ("F32", .float32),
        ("U32", .uint32), ("I32", .int32), ("BF16", .bfloat16), ("F16", .float16), ("U16", .uint16),
        ("I16", .int16), ("I8", .int8), ("U8", .uint8), ("BOOL", .bool),
    ]

    /// The type whose name stands in the header for a type: pairs of four-bit values go as bytes.
    static func storedType(_ type: ElementType) -> ElementType { type == .int4 ? .int8 : type }

    /// The order of the data: by type, then by the bytes of the names.
    static func dataOrder(of entries: [CheckpointEntry]) throws(FormatError) -> [Int] {
        var keys: [(rank: Int, index: Int)] = []
        for (index, entry) in entries.enumerated() { keys.append((try rank(of: entry), index)) }
        return keys.sorted { left, right in
            left.rank != right.rank
                ? left.rank < right.rank
                : ByteName(entries[left.index].name) < ByteName(entries[right.index].name)
        }.map(\.index)
    }

    /// The place of an entry's type in ``typeNames``. Throws if there is none.
    static func rank(of entry: CheckpointEntry) throws(FormatError) -> Int {
        if case .foreign(let type) = entry.kind { throw .cannotStore(name: entry.name, reason: type.refusal) }
        guard let type = entry.tensorType?.elementType else {
            throw .cannotStore(name: entry.name, reason: "safetensors files hold tensors only")
        }
        guard !reservedNames.contains(entry.name) else {
            throw .cannotStore(name: entry.name, reason: "safetensors files use this name for themselves")
        }
        guard let rank = typeNames.firstIndex(where: { $0.type == storedType(type) }) else {
            throw .cannotStore(name: entry.name, reason: "safetensors files do not hold \(type.mindSporeName)")
        }
        return rank
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SafetensorsFormat: CheckpointFormat {
    public var fileExtension: String { "safetensors" }

    public func order(of entries: [CheckpointEntry], options: FormatOptions) throws(FormatError) -> [Int] {
        var names: Set<ByteName> = []
        for entry in entries where !names.add(entry.name) {
            throw .cannotStore(name: entry.name, reason: "the file has an entry of this name already")
        }
        let data = try Self.dataOrder(of: entries)
        guard options.crc else { return data }
        for entry in entries where entry.tensorType?.elementType == .bfloat16 {
            throw .cannotStore(name: entry.name, reason: "MindSpore has no CRC of BFloat16 in safetensors files")
        }
        return entries.indices.sorted { ByteName(entries[$0].name) < ByteName(entries[$1].name) } + data
    }

    public func writer(
        to file: any WritableFile, of entries: [CheckpointEntry], options: FormatOptions
    ) throws(FormatError) -> any CheckpointWriter {
        SafetensorsWriter(to: file, entries: entries, order: try order(of: entries, options: options), options: options)
    }

    public func reader(of file: any ReadableFile) throws(FormatError) -> any CheckpointReader {
        try SafetensorsReader(file: file)
    }
}
