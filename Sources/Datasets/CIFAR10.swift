public import Collectives
public import Files
import Memory
public import SystemPackage
public import Tensors

/// CIFAR-10 in its binary version: 60,000 colour pictures of 32×32 in ten classes (A. Krizhevsky, 2009).
///
/// Columns: "image", float32 [3, 32, 32], pixel/255; "label", int32 []. The pictures stay in their files, and are read as they
/// are copied.
public struct CIFAR10: Dataset {
    /// "image" and "label".
    public let columns = [
        DataColumn("image", shape: [3, 32, 32], elementType: .float32),
        DataColumn("label", shape: .scalar, elementType: .int32),
    ]

    /// The classes, by number.
    public static let classes = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]

    private static let pixelCount = 3 * 32 * 32
    private static let recordByteCount = 1 + pixelCount

    /// The mean and the deviation of each colour in the training pictures, for ``Normalize``.
    public static let mean: [Float] = [0.4914, 0.4822, 0.4465]

    /// See ``mean``.
    public static let std: [Float] = [0.2470, 0.2435, 0.2616]

    private let files: [FileSlice]
    private let starts: [Int]
    private let labels: [UInt8]

    /// Opens the training pictures of a folder (`data_batch_1.bin` to `data_batch_5.bin`, all that are there), or its test
    /// pictures (`test_batch.bin`); they may lie in `cifar-10-batches-bin` below it. All ranks of `world` call it together.
    ///
    /// - Throws: `DataError` that names file, place and value; `FileError` if one cannot be read.
    public static func load(
        directory: FilePath, train: Bool, files: any FileSystem = LocalFileSystem(),
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws -> CIFAR10 {
        let data = try world.together { () throws -> CIFAR10 in
            let found = try paths(in: directory, train: train, files: files)
            guard !found.isEmpty else {
                throw DataError.missingFiles(directory: directory, names: names(train: train))
            }
            return try CIFAR10(found.map { ($0, FileSlice(try files.open($0))) })
        }
        try world.requireSame(
            directory,
            "\(data.count) pictures in \(data.files.map { $0.file.path.lastComponent?.string ?? "" }), whose labels have the "
                + "checksum \(Checksum(ofBits: data.labels.map { Int32($0) }).hexadecimal)")
        return data
    }

    /// What the files of a part are called.
    package static func names(train: Bool) -> [String] {
        train ? (1...5).map { "data_batch_\($0).bin" } : ["test_batch.bin"]
    }

    /// The files of a part that are in a folder, or else in the one below it.
    package static func paths(
        in directory: FilePath, train: Bool, files: any FileSystem = LocalFileSystem()
    ) throws -> [FilePath] {
        for folder in [directory, directory.appending("cifar-10-batches-bin")] {
            let paths = names(train: train).map { folder.appending($0) }
            let found = try paths.filter { try files.status(of: $0)?.kind == .file }
            if !found.isEmpty { return found }
        }
        return []
    }

    /// Reads the bytes of one file; `path` stands in messages.
    public init(_ bytes: [UInt8], path: FilePath) throws { try self.init([(path, FileSlice(bytes, path: path))]) }

    private init(_ parts: [(path: FilePath, bytes: FileSlice)]) throws {
        var (starts, labels): ([Int], [UInt8]) = ([], [])
        for (path, bytes) in parts {
            guard bytes.count > 0, bytes.count % Self.recordByteCount == 0 else {
                throw DataError.badFile(
                    path,
                    "has \(bytes.count) bytes; a file of CIFAR-10 has a multiple of \(Self.recordByteCount), and not 0")
            }
            starts.append(labels.count)
            let own = try Self.labels(of: bytes)
            if let wrong = own.firstIndex(where: { $0 >= 10 }) {
                throw DataError.badFile(
                    path, "has \(own[wrong]) as the label at byte \(wrong * Self.recordByteCount); 0 to 9 are allowed")
            }
            labels += own
        }
        files = parts.map(\.bytes)
        self.starts = starts
        self.labels = labels
    }

    /// Read in blocks, which takes less time than one by one.
    private static func labels(of bytes: FileSlice) throws -> [UInt8] {
        let block = 256 * recordByteCount
        return try stride(from: 0, to: bytes.count, by: block).flatMap { start in
            let contents = try bytes[start..<min(start + block, bytes.count)].contents()
            return stride(from: 0, to: contents.count, by: recordByteCount).map { contents[$0] }
        }
    }

    /// The number of pictures.
    public var count: Int { labels.count }

    /// The labels alone, where the pictures lie on a disk.
    public var residentByteCount: Int { labels.count + files.reduce(0) { $0 + $1.residentByteCount } }

    /// Copies samples into the rows of a tensor of pictures and one of labels.
    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        let (imageTarget, labelTarget) = (tensors[0].slice(of: Float.self), tensors[1].slice(of: Int32.self))
        var images = imageTarget.mutableSpan
        var labels = labelTarget.mutableSpan
        var pixels = [UInt8](repeating: 0, count: Self.pixelCount)
        for (row, index) in indices.enumerated() {
            labels[row] = Int32(self.labels[index])
            let file = (starts.firstIndex { $0 > index } ?? starts.count) - 1
            var bytes = pixels.mutableSpan
            try files[file].read(into: &bytes, at: (index - starts[file]) * Self.recordByteCount + 1)
            for place in 0..<Self.pixelCount { images[row * Self.pixelCount + place] = Float(pixels[place]) / 255 }
        }
    }
}
