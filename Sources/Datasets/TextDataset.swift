public import Collectives
public import Files
import Memory
public import SystemPackage
public import Tensors

/// A text as samples for a language model: every run of `length` bytes, and beside it the same run one byte further.
///
/// Columns: "tokens" int32 [length], the bytes; "next" int32 [length], the byte that follows each. Sample i begins with
/// byte i · `stride`.
public struct TextDataset: Dataset {
    /// "tokens" and "next".
    public let columns: [DataColumn]

    /// The number of samples.
    public let count: Int

    private let text: FileSlice
    private let length: Int
    private let stride: Int

    /// Makes a dataset of a text in memory.
    ///
    /// - Throws: `DataError` if the text is too short for one sample.
    public init(_ text: ArraySlice<UInt8>, length: Int, stride: Int = 1, path: FilePath = "the text") throws(DataError)
    {
        try self.init(FileSlice(Array(text), path: path), length: length, stride: stride)
    }

    /// Makes a dataset of a text of any size, which is read sample by sample.
    ///
    /// - Throws: `DataError` if the text is too short for one sample.
    public init(_ text: FileSlice, length: Int, stride: Int = 1) throws(DataError) {
        guard text.count > length else {
            // Of a part its owner sees only the whole.
            let whole = text.file.byteCount
            let part = text.count == whole ? "" : ", of which \(text.count) are in the part that samples are taken from"
            throw .badFile(
                text.file.path, "has \(whole) bytes\(part); a sample of \(length) needs at least \(length + 1)")
        }
        self.text = text
        self.length = length
        self.stride = stride
        count = (text.count - length - 1) / stride + 1
        columns = ["tokens", "next"].map { DataColumn($0, shape: [length], elementType: .int32) }
    }

    /// The bytes of the text, if it lies in memory.
    public var residentByteCount: Int { text.residentByteCount }

    /// Copies samples into tensors [rows, length].
    ///
    /// - Throws: `FileError` if the file of the text cannot be read, or was made shorter.
    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        var sample = [UInt8](repeating: 0, count: length + 1)
        for (row, index) in indices.enumerated() {
            var bytes = sample.mutableSpan
            try text.read(into: &bytes, at: index * stride)
            for (shift, tensor) in tensors.enumerated() {
                let target = tensor.slice(of: Int32.self)
                var tokens = target.mutableSpan
                for place in 0..<length { tokens[row * length + place] = Int32(sample[shift + place]) }
            }
        }
    }
}

/// A text divided into a part to learn from and a part to test with.
public struct TextCorpus: Sendable {
    /// The first nine tenths.
    public let train: FileSlice

    /// What follows: the last tenth, of a large text its first ``testLimit`` bytes.
    public let test: FileSlice

    /// More would not measure much better, and take hours where the text has gigabytes.
    public static let testLimit = 1 << 20

    /// Cuts a text.
    public init(_ text: FileSlice) {
        let border = text.count * 9 / 10
        train = text[0..<border]
        test = text[border..<min(text.count, border + Self.testLimit)]
    }

    /// Opens a text file of any size, gzipped or not: it is read where its bytes are needed. A large one that is gzipped is
    /// unpacked once for the ranks of a machine; all ranks of `world` call this together.
    ///
    /// - Throws: `FileError`; `DataError` for a damaged gzip file.
    public init(
        contentsOf path: FilePath, files: any FileSystem = LocalFileSystem(),
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws {
        self.init(try DataFile.open(path, sharedBy: world, files: files))
    }
}
