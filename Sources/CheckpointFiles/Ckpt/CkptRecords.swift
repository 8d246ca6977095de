import Files
import Wire

/// A tensor as a `.ckpt` file states it, with nothing checked yet.
struct CkptTensor {
    var offset: Int
    var dimensions: [Int] = []
    var type: String?
    var content: Range<Int>

    init(offset: Int) {
        self.offset = offset
        content = offset..<offset
    }
}

/// A record of a `.ckpt` file: a name, and one tensor or a map's three.
struct CkptRecord {
    let name: String
    let offset: Int
    let isMap: Bool
    let tensors: [CkptTensor]
}

/// Reads the records of a `.ckpt` file one after another, skipping contents.
///
/// Fields may come in any order, dimensions packed or not, and unknown fields are passed over.
struct CkptRecords {
    private var scanner: FormatScanner
    private var offset = 0
    private let end: Int

    init(_ file: any ReadableFile, end: Int) {
        scanner = FormatScanner(file)
        self.end = end
    }

    /// The next record; nil at the end of the file.
    mutating func next() throws(FormatError) -> CkptRecord? {
        while let field = try scanner.next(&offset, end: end) {
            guard field.number == 1 else { continue }
            return try record(in: scanner.range(of: field), at: field.offset)
        }
        return nil
    }

    private mutating func record(in range: Range<Int>, at start: Int) throws(FormatError) -> CkptRecord {
        var offset = range.lowerBound
        var name: String?
        var isMap = false
        var value: (range: Range<Int>, offset: Int)?
        while let field = try scanner.next(&offset, end: range.upperBound) {
            switch field.number {
            case 1: name = try self.name(in: scanner.range(of: field))
            case 2, 3:
                value = (try scanner.range(of: field), field.offset)
                isMap = field.number == 3
            default: continue
            }
        }
        guard let name else { throw scanner.damage(start, .nameMissing) }
        guard let value else { throw scanner.damage(start, .valueMissing(name: name)) }
        let tensors =
            isMap
            ? try mapParts(in: value.range, of: name) : [try tensor(in: value.range, at: value.offset, of: name)]
        return CkptRecord(name: name, offset: start, isMap: isMap, tensors: tensors)
    }

    private func name(in range: Range<Int>) throws(FormatError) -> String {
        guard range.count <= CkptReader.nameLimit else {
            throw scanner.damage(range.lowerBound, .nameTooLong(byteCount: range.count))
        }
        guard let name = String(validating: try scanner.bytes(in: range), as: UTF8.self) else {
            throw scanner.damage(range.lowerBound, .nameNotUnicode)
        }
        return name
    }

    private mutating func mapParts(in range: Range<Int>, of name: String) throws(FormatError) -> [CkptTensor] {
        var offset = range.lowerBound
        var parts: [CkptTensor] = []
        while let field = try scanner.next(&offset, end: range.upperBound) {
            guard field.number == 1 else { continue }
            guard parts.count < 3 else { throw scanner.damage(field.offset, .mapParts(name: name, found: 4)) }
            parts.append(try tensor(in: scanner.range(of: field), at: field.offset, of: name))
        }
        guard parts.count == 3 else {
            throw scanner.damage(range.lowerBound, .mapParts(name: name, found: parts.count))
        }
        return parts
    }

    private mutating func tensor(
        in range: Range<Int>, at start: Int, of name: String
    ) throws(FormatError) -> CkptTensor {
        var offset = range.lowerBound
        var tensor = CkptTensor(offset: start)
        while let field = try scanner.next(&offset, end: range.upperBound) {
            switch field.number {
            case 1: try appendDimensions(of: field, to: &tensor, of: name)
            case 2: tensor.type = try type(in: scanner.range(of: field), of: name)
            case 3: tensor.content = try scanner.range(of: field)
            default: continue
            }
        }
        return tensor
    }

    private mutating func appendDimensions(
        of field: WireField, to tensor: inout CkptTensor, of name: String
    ) throws(FormatError) {
        switch field.value {
        case .fixed: throw scanner.damage(field.offset, .fieldType(number: 1))
        case .integer(let value): try append(value, to: &tensor, of: name, at: field.offset)
        case .bytes(let range):
            var offset = range.lowerBound
            while offset < range.upperBound {
                let value = try scanner.integer(&offset, end: range.upperBound)
                try append(value, to: &tensor, of: name, at: field.offset)
            }
        }
    }

    private func append(
        _ dimension: UInt64, to tensor: inout CkptTensor, of name: String, at offset: Int
    ) throws(FormatError) {
        guard let dimension = Int(exactly: dimension) else {
            throw scanner.damage(offset, .dimensionNegative(name: name))
        }
        guard tensor.dimensions.count < CkptReader.dimensionLimit else {
            throw scanner.damage(offset, .dimensionsTooMany(name: name))
        }
        tensor.dimensions.append(dimension)
    }

    private func type(in range: Range<Int>, of name: String) throws(FormatError) -> String {
        // The longest name of a type has ten characters.
        guard range.count <= 16 else {
            throw scanner.damage(range.lowerBound, .typeUnknown(name: name, type: "\(range.count) characters"))
        }
        return String(decoding: try scanner.bytes(in: range), as: UTF8.self)
    }
}
