import SystemPackage
import Tensors
import Wire

/// A parameter in a file: its type, and where its bytes lie.
struct StoredParameter {
    private static let dimensionLimit = 32

    let name: String
    let type: TensorType

    /// The file with its bytes, from the folder of the `.mindir` file; nil for that file itself.
    private(set) var location: String?

    /// Where its bytes lie in their file.
    private(set) var range: Range<Int>

    init(_ field: MessageScanner.Field, _ scanner: inout MessageScanner) throws(MindIRError) {
        var fields = Fields()
        try scanner.forEachField(in: scanner.range(of: field)) { (scanner, field) throws(MindIRError) in
            switch field.number {
            case 1: fields.dimensions += try scanner.integers(of: field)
            case 2: fields.dataType = try scanner.integer(of: field)
            case 7: fields.name = try scanner.text(of: field)
            case 9: fields.contents = try scanner.range(of: field)
            case 12: try fields.scanExternalData(field, &scanner)
            case 16: fields.compression = try scanner.integer(of: field)
            default: break
            }
        }
        // MindSpore's name is what follows the first colon.
        let name = fields.name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).last ?? ""
        self.name = String(name)
        (type, range) = (try fields.type(scanner, field.offset, self.name), fields.contents ?? fields.externalRange)
        if fields.contents == nil { location = fields.location }
        guard range.count == type.byteCount else {
            let damage = MindIRDamage.contentSize(name: self.name, expected: type.byteCount, found: range.count)
            throw scanner.damage(field.offset, damage)
        }
        if let location, FilePath(location).leadsOutside {
            throw scanner.damage(field.offset, .locationOutside(name: self.name, location: location))
        }
    }

    /// What the message says, before it is believed.
    private struct Fields {
        var dimensions: [Int] = []
        var dataType = 0
        var name = ""
        var contents: Range<Int>?
        var location: String?
        var offset = 0
        var length = 0
        var compression = 0

        /// Where the bytes lie in another file; nowhere if these are no places.
        var externalRange: Range<Int> {
            let (end, overflow) = offset.addingReportingOverflow(length)
            return offset >= 0 && length >= 0 && !overflow ? offset..<end : 0..<0
        }

        mutating func scanExternalData(
            _ field: MessageScanner.Field, _ scanner: inout MessageScanner
        ) throws(MindIRError) {
            try scanner.forEachField(in: scanner.range(of: field)) { (scanner, field) throws(MindIRError) in
                switch field.number {
                case 1: location = try scanner.text(of: field)
                case 2: offset = try scanner.integer(of: field)
                case 3: length = try scanner.integer(of: field)
                default: break
                }
            }
        }

        func type(_ scanner: MessageScanner, _ start: Int, _ name: String) throws(MindIRError) -> TensorType {
            guard compression == 0 else { throw scanner.damage(start, .compressed(name: name)) }
            guard let elementType = ElementType(mindIRNumber: dataType) else {
                throw scanner.damage(start, .typeUnknown(name: name, type: dataType))
            }
            var byteCount = elementType.byteCount
            for size in dimensions {
                let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
                guard size >= 0, !overflow, dimensions.count <= StoredParameter.dimensionLimit else {
                    throw scanner.damage(start, .shapeInvalid(name: name))
                }
                byteCount = product
            }
            return TensorType(Shape(dimensions), elementType)
        }
    }
}

extension FilePath {
    /// Whether it may be the path of something that is not below the place it starts from. MindSpore refuses these.
    fileprivate var leadsOutside: Bool {
        isAbsolute || components.contains { $0.kind == .parentDirectory }
    }
}
