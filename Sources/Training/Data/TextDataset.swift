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

    private let text: ArraySlice<UInt8>
    private let length: Int
    private let stride: Int

    /// Makes a dataset.
    ///
    /// - Throws: `DataError` if the text is too short for one sample.
    public init(_ text: ArraySlice<UInt8>, length: Int, stride: Int = 1, path: FilePath = "the text") throws(DataError)
    {
        guard text.count > length else {
            throw .badFile(path, "has \(text.count) bytes; a sample of \(length) needs at least \(length + 1)")
        }
        self.text = text
        self.length = length
        self.stride = stride
        count = (text.count - length - 1) / stride + 1
        columns = ["tokens", "next"].map { DataColumn($0, shape: [length], elementType: .int32) }
    }

    /// Copies samples into tensors [rows, length].
    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) {
        for (shift, tensor) in tensors.enumerated() {
            let target = tensor.slice(of: Int32.self)
            var tokens = target.mutableSpan
            for (row, index) in indices.enumerated() {
                let start = text.startIndex + index * stride + shift
                for place in 0..<length { tokens[row * length + place] = Int32(text[start + place]) }
            }
        }
    }
}

/// A text cut into a part to learn and a part to test with.
public struct TextCorpus: Sendable {
    /// The first nine tenths.
    public let train: ArraySlice<UInt8>

    /// The last tenth.
    public let test: ArraySlice<UInt8>

    /// Cuts a text.
    public init(_ text: [UInt8]) {
        let border = text.count * 9 / 10
        train = text[..<border]
        test = text[border...]
    }

    /// The text that the program carries in itself: Ambrose Bierce, "The Devil's Dictionary" (1911; public domain).
    public static let devilsDictionary: TextCorpus = {
        do throws(GzipError) {
            guard let bytes = Base64.decode(EmbeddedText.devilsDictionary) else {
                fatalError("the embedded text is no base64")
            }
            return TextCorpus(try Gzip.inflate(bytes, limit: 1 << 24))
        } catch {
            fatalError("the embedded text is damaged: \(error)")
        }
    }()

    /// Reads a text file, gzipped or not.
    ///
    /// - Throws: `FileError`; `GzipError` for a damaged gzip file.
    public init(contentsOf path: FilePath, files: any FileSystem = LocalFileSystem()) throws {
        let bytes = try files.contents(of: path, limit: 1 << 30)
        self.init(bytes.starts(with: [0x1F, 0x8B]) ? try Gzip.inflate(bytes, limit: 1 << 31) : bytes)
    }
}
