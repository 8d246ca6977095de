public import Collectives
public import Files
public import SystemPackage
public import Tensors

/// An array in a file of NumPy (`numpy.save`), of any size: its elements stay where they are until they are needed.
///
/// Read are bool, whole numbers of 1 to 8 bytes and floats of 2 to 8, of either byte order. What was written in Fortran's order
/// is put in row-major order in memory. A large file that is gzipped is unpacked once for the ranks of a machine.
public struct NumPyArray: Sendable {
    /// The file it was read from, for messages.
    public let path: FilePath

    /// The sizes of its dimensions.
    public let shape: Shape

    /// The type that its elements get: float32 of floats, int32 of others, unless ``converted(to:)`` says otherwise.
    public private(set) var elementType: ElementType

    let element: NumPyElement

    /// Where the elements lie, in row-major order.
    private let stored: FileSlice

    /// Opens a file; all ranks of `world` call this together.
    ///
    /// - Throws: `FileError` if it cannot be read, `DataError` if it is no array, or of other elements.
    public init(
        contentsOf path: FilePath, files: any FileSystem = LocalFileSystem(),
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws {
        self = try DataFile.read(path, sharedBy: world, files: files) { try NumPyArray($0, path: path) }
    }

    /// Reads the bytes of a file; `path` stands in messages.
    public init(_ bytes: [UInt8], path: FilePath) throws {
        try self.init(FileSlice(bytes, path: path), path: path)
    }

    init(_ bytes: FileSlice, path: FilePath) throws {
        let header = try NumPyHeader(bytes, path)
        self.path = path
        shape = header.shape
        element = header.element
        elementType = header.element.usualType
        let elements = bytes[header.byteCount..<bytes.count]
        guard header.isFortranOrder, shape.rank > 1 else {
            stored = elements
            return
        }
        stored = FileSlice(
            Self.rowMajor(try elements.contents(), shape.dimensions, element.byteCount), path: path)
    }

    /// The same with elements of another type: float32 or int32.
    public func converted(to type: ElementType) throws -> NumPyArray {
        guard type == .float32 || type == .int32 else {
            throw DataError.mismatch("\(path) cannot be read as \(type); float32 and int32 are allowed")
        }
        var copy = self
        copy.elementType = type
        return copy
    }

    /// All elements, read now.
    public var tensor: Tensor {
        get throws {
            let result = Tensor(zeros: shape, elementType: elementType)
            try read(stored, into: result, at: 0)
            return result
        }
    }

    var residentByteCount: Int { stored.residentByteCount }

    /// Copies row `index` of dimension 0 to row `row` of a tensor.
    func copyRow(_ index: Int, to row: Int, of tensor: Tensor) throws {
        let count = shape.dimensions.dropFirst().reduce(1, *)
        let byteCount = count * element.byteCount
        try read(
            stored[index * byteCount..<(index + 1) * byteCount], into: tensor, at: row * count, from: index * count)
    }

    private func read(_ bytes: FileSlice, into tensor: Tensor, at first: Int, from source: Int = 0) throws {
        let contents = try bytes.contents()
        guard let place = element.convert(contents, into: tensor, from: first) else { return }
        throw DataError.badFile(
            path,
            "has \(element.number(contents, at: place * element.byteCount)) as element \(source + place), which is no \(elementType)"
        )
    }

    /// Elements in which the first dimension is the innermost, put so that the last one is.
    private static func rowMajor(_ bytes: [UInt8], _ dimensions: [Int], _ size: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        let strides = dimensions.indices.map { dimensions[..<$0].reduce(size, *) }
        var index = [Int](repeating: 0, count: dimensions.count)
        while result.count < bytes.count {
            let place = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
            result += bytes[place..<place + size]
            for axis in index.indices.reversed() {
                index[axis] += 1
                if index[axis] < dimensions[axis] { break }
                index[axis] = 0
            }
        }
        return result
    }
}
