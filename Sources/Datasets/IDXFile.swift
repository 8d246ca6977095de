public import Collectives
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

    /// Where the elements lie, in row-major order.
    let stored: FileSlice

    /// The elements in row-major order, read now.
    public var elements: [UInt8] {
        get throws { try stored.contents() }
    }

    /// Opens the file at `path`, of any size: its elements stay where they are until they are needed. A large one that is
    /// compressed is unpacked once for the ranks of a machine; all ranks of `world` call this together.
    ///
    /// - Throws: `FileError` if it cannot be read, `DataError` if it is not IDX.
    public init(contentsOf path: FilePath, sharedBy world: any Communicator = SoloCommunicator()) throws {
        let bytes = try DataFile.open(
            path, sharedBy: world, files: LocalFileSystem(), size: Self.expectedSize(path))
        self = try world.together { try IDXFile(bytes, path: path) }
    }

    /// Reads the bytes of a file; `path` stands in messages.
    ///
    /// - Throws: `DataError` if the bytes are no IDX, damaged, of other elements or ranks, cut off or too many.
    public init(_ bytes: [UInt8], path: FilePath) throws(DataError) {
        do {
            let stored = FileSlice(bytes, path: path)
            let plain =
                Gzip.recognizes(bytes)
                ? try DataFile.inflated(stored.file, limit: .max, Self.expectedSize(path)) : nil
            try self.init(plain.map { FileSlice($0, path: path) } ?? stored, path: path)
        } catch let error as DataError {
            throw error
        } catch {
            fatalError("memory cannot be read: \(error)")
        }
    }

    private init(_ bytes: FileSlice, path: FilePath) throws {
        let start = try bytes[0..<min(bytes.count, Self.headerByteCount(rank: Self.rankLimit))].contents()
        let shape = try Self.shape(inHeader: start, path)
        let header = Self.headerByteCount(rank: shape.rank)
        let expected = header + shape.elementCount
        guard bytes.count == expected else {
            let problem = bytes.count < expected ? "is cut off" : "is too long"
            throw DataError.badFile(
                path, "\(problem): with elements \(shape) it has \(expected) bytes, not \(bytes.count)")
        }
        self.path = path
        self.shape = shape
        stored = bytes[header..<bytes.count]
    }
}

extension IDXFile {
    private static let rankLimit = 4

    private static func headerByteCount(rank: Int) -> Int { 4 + 4 * rank }

    private static func expectedSize(_ path: FilePath) -> ExpectedSize {
        ExpectedSize(startByteCount: headerByteCount(rank: rankLimit)) { start in
            let shape = try shape(inHeader: start, path)
            return headerByteCount(rank: shape.rank) + shape.elementCount
        }
    }

    /// The shape that a header states, once it is known to be one: of a size that its product does not overflow.
    private static func shape(inHeader bytes: [UInt8], _ path: FilePath) throws(DataError) -> Shape {
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
        guard 1...rankLimit ~= rank else { throw .badFile(path, "has \(rank) dimensions; 1 to 4 are allowed") }
        guard bytes.count >= headerByteCount(rank: rank) else {
            let header = headerByteCount(rank: rank)
            throw .badFile(path, "is cut off: it has \(bytes.count) bytes, and its header alone has \(header)")
        }
        let dimensions = (1...rank).map { dimension in
            bytes[4 * dimension..<4 * dimension + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        var elementCount = 1
        for dimension in dimensions {
            let (product, overflow) = elementCount.multipliedReportingOverflow(by: dimension)
            guard !overflow, product <= Int.max / 2 else {
                throw .badFile(path, "claims elements \(dimensions); no file has so many")
            }
            elementCount = product
        }
        return Shape(dimensions)
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
    }
}
