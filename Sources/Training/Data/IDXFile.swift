import Files
public import SystemPackage
public import Tensors

/// An array of unsigned bytes in IDX, the format of MNIST's files, compressed with gzip or not.
///
/// The format: two zero bytes, the type of the elements (08 for unsigned bytes, the only one read here), the number of
/// dimensions, each dimension as a big-endian UInt32, then the elements in row-major order and nothing after them.
public struct IDXFile: Sendable {
    /// The file it was read from, for messages.
    public let path: FilePath

    /// The sizes of its 1 to 4 dimensions.
    public let shape: Shape

    /// The elements in row-major order.
    public let elements: [UInt8]

    /// The most bytes that are read from a file, and that its contents may have when decompressed: 1 GiB.
    ///
    /// It is twice the largest file of MNIST's family (EMNIST ByClass).
    public static let byteCountLimit = 1 << 30

    /// Reads the file at `path`.
    ///
    /// - Throws: `FileError` if it cannot be read, `DataError` if it is not IDX.
    public init(contentsOf path: FilePath) throws {
        try self.init(LocalFileSystem().contents(of: path, limit: Self.byteCountLimit), path: path)
    }

    /// Reads the bytes of a file; `path` stands in messages.
    ///
    /// - Throws: `DataError` if the bytes are no IDX, damaged, of other elements or ranks, cut off or too many.
    public init(_ bytes: [UInt8], path: FilePath) throws(DataError) {
        let bytes = try Self.decompressed(bytes, path)
        let shape = try Self.shape(inHeaderOf: bytes, path)
        let header = Self.headerByteCount(rank: shape.rank)
        let expected = header + shape.elementCount
        guard bytes.count == expected else {
            let problem = bytes.count < expected ? "is cut off" : "is too long"
            throw .badFile(path, "\(problem): with elements \(shape) it has \(expected) bytes, not \(bytes.count)")
        }
        self.path = path
        self.shape = shape
        elements = Array(bytes[header...])
    }
}

extension IDXFile {
    private static func headerByteCount(rank: Int) -> Int { 4 + 4 * rank }

    private static func decompressed(_ bytes: [UInt8], _ path: FilePath) throws(DataError) -> [UInt8] {
        guard Gzip.recognizes(bytes) else { return bytes }
        do {
            return try Gzip.inflate(bytes, limit: byteCountLimit)
        } catch {
            throw .badFile(path, "cannot be decompressed: \(error)")
        }
    }

    /// The shape that a header states, once it is known to be one: of a size that its product cannot overflow.
    private static func shape(inHeaderOf bytes: [UInt8], _ path: FilePath) throws(DataError) -> Shape {
        guard bytes.starts(with: [0, 0]) else {
            let start = bytes.isEmpty ? "is empty" : "begins with \(hexadecimal(bytes.prefix(4)))"
            throw .badFile(path, "is no IDX file: it \(start), and IDX files of unsigned bytes begin with 00 00 08")
        }
        guard bytes.count >= 4 else {
            throw .badFile(path, "is cut off: it has \(bytes.count) bytes, and the smallest header has 8")
        }
        guard bytes[2] == 8 else {
            let type = hexadecimal(bytes[2...2])
            throw .badFile(path, "has elements of IDX type \(type); only unsigned bytes, type 08, are allowed")
        }
        let rank = Int(bytes[3])
        guard 1...4 ~= rank else { throw .badFile(path, "has \(rank) dimensions; 1 to 4 are allowed") }
        guard bytes.count >= headerByteCount(rank: rank) else {
            let header = headerByteCount(rank: rank)
            throw .badFile(path, "is cut off: it has \(bytes.count) bytes, and its header alone has \(header)")
        }
        let dimensions = (1...rank).map { dimension in
            bytes[4 * dimension..<4 * dimension + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        var elementCount = 1
        for dimension in dimensions {
            // Both factors are below 2^32, so the product fits before it is checked.
            elementCount *= dimension
            guard elementCount <= byteCountLimit else {
                throw .badFile(path, "claims elements \(dimensions); at most \(byteCountLimit) bytes are allowed")
            }
        }
        return Shape(dimensions)
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
    }
}
