public import Collectives
public import Files
import Memory
import Pictures
public import SystemPackage
public import Tensors

/// Folders of pictures, a folder a class (MindSpore's `ImageFolderDataset`): `cat/1.png`, `dog/2.jpg`.
///
/// Columns: "image", float32 [3, height, width], or [1, height, width] in grey, pixel/255; "label", int32 [], the place of the
/// folder among those of the directory, sorted by name. PNG, JPEG, PPM and PGM are read when they are needed, and brought to one
/// size (bilinear, as ``Resize``).
public struct ImageFolderDataset: Dataset {
    /// "image" and "label".
    public let columns: [DataColumn]

    /// The names of the folders, by label.
    public let classes: [String]

    private struct Entry: Sendable {
        let name: String
        let label: Int
    }

    private let directory: FilePath
    private let files: any FileSystem
    private let entries: [Entry]
    private let resize: Resize
    private let isGrey: Bool
    private let keepsRatio: Bool

    /// The most bytes of a file.
    private static let fileLimit = 1 << 28

    private static let endings: Set = ["png", "jpg", "jpeg", "ppm", "pgm"]

    /// What is read, in words.
    static let kinds = "PNG, JPEG, PPM or PGM, in files that end in .png, .jpg, .jpeg, .ppm or .pgm"

    /// The mean of each colour over ImageNet's pictures, which others are normalised by too, for ``Normalize``.
    public static let mean: [Float] = [0.485, 0.456, 0.406]

    /// Their deviation; see ``mean``.
    public static let std: [Float] = [0.229, 0.224, 0.225]

    /// Looks for the pictures below a directory; other files are passed over. All ranks of `world` call it together.
    ///
    /// - Parameters:
    ///   - classes: The folders to look into, where a class may have no pictures in one of several directories; by default all.
    ///   - keepsRatio: Whether what does not fit the ratio of the size is cut off at two sides, and not pressed into it.
    /// - Throws: `DataError` if there are none, or ranks see others; `FileError` if a folder cannot be read.
    public init(
        directory: FilePath, height: Int, width: Int, isGrey: Bool = false, classes: [String]? = nil,
        keepsRatio: Bool = false, files: any FileSystem = LocalFileSystem(),
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws {
        let (found, entries) = try world.together {
            guard height > 0, width > 0 else {
                throw DataError.mismatch(
                    "pictures cannot be brought to \(height)×\(width) pixels; at least 1×1 are needed")
            }
            return try Self.entries(of: directory, classes, files)
        }
        let list = found + entries.map(\.name)
        try world.requireSame(
            directory,
            "\(entries.count) pictures in \(found.count) folders, whose names have the checksum "
                + Checksum(ofNames: list).hexadecimal)
        self.directory = directory
        self.files = files
        self.classes = found
        self.entries = entries
        self.isGrey = isGrey
        self.keepsRatio = keepsRatio
        resize = Resize(height: height, width: width)
        columns = [
            DataColumn("image", shape: [isGrey ? 1 : 3, height, width], elementType: .float32),
            DataColumn("label", shape: .scalar, elementType: .int32),
        ]
    }

    /// The names of the folders in a directory, which are the classes of pictures, sorted. All ranks of `world` call it together.
    ///
    /// - Throws: `FileError` if the directory cannot be read; `DataError` if ranks see others.
    public static func classes(
        of directory: FilePath, files: any FileSystem = LocalFileSystem(),
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws -> [String] {
        let names = try world.together { try folders(of: directory, files) }
        let checksum = Checksum(ofNames: names).hexadecimal
        try world.requireSame(directory, "\(names.count) folders, whose names have the checksum \(checksum)")
        return names
    }

    private static func folders(of directory: FilePath, _ files: any FileSystem) throws -> [String] {
        try files.names(in: directory).filter {
            // What file managers, notebooks and archives of macOS leave is no class.
            try !$0.hasPrefix(".") && $0 != "__MACOSX"
                && files.status(of: directory.appending($0))?.kind == .directory
        }
    }

    private static func entries(
        of directory: FilePath, _ classes: [String]?, _ files: any FileSystem
    ) throws -> ([String], [Entry]) {
        let folders = try classes ?? folders(of: directory, files)
        let entries = try folders.enumerated().flatMap { label, folder in
            let names = try files.names(in: directory.appending(folder))
            return names.filter { name in
                !name.hasPrefix(".") && endings.contains(FilePath(name).extension?.lowercased() ?? "")
            }.map { Entry(name: folder + "/" + $0, label: label) }
        }
        guard !entries.isEmpty else {
            throw DataError.badFile(
                directory,
                "has no pictures in its \(folders.count) folders; it needs a folder for each class, with \(kinds)")
        }
        return (folders, entries)
    }

    /// The classes without pictures.
    var emptyClasses: [String] {
        let labels = Set(entries.map(\.label))
        return classes.indices.filter { !labels.contains($0) }.map { classes[$0] }
    }

    /// The number of pictures.
    public var count: Int { entries.count }

    /// The names of the files.
    public var residentByteCount: Int { entries.reduce(0) { $0 + $1.name.utf8.count } }

    /// That of some pictures, with a checksum of the names of all.
    public func fingerprint() throws -> String {
        "\(try fingerprintOfSamples()) by names \(Checksum(ofNames: entries.map(\.name)).hexadecimal)"
    }

    /// Reads pictures into the rows of a tensor, and their labels into another.
    ///
    /// - Throws: `FileError` if a file cannot be read, `DataError` if it is no picture.
    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        let (imageTarget, labelTarget) = (tensors[0].slice(of: Float.self), tensors[1].slice(of: Int32.self))
        var images = imageTarget.mutableSpan
        var labels = labelTarget.mutableSpan
        for (row, index) in indices.enumerated() {
            labels[row] = Int32(entries[index].label)
            let values = resized(try image(index)).numbers
            for place in values.indices { images[row * values.count + place] = values[place] }
        }
    }

    private func resized(_ image: SampleValues) -> SampleValues {
        resize.resized(keepsRatio ? image.middle(Float(resize.width) / Float(resize.height)) : image)
    }

    private func image(_ index: Int) throws -> SampleValues {
        let path = directory.appending(entries[index].name)
        let bytes = try files.contents(of: path, limit: Self.fileLimit)
        let picture: Picture
        do throws(PictureError) {
            picture = try Picture(decoding: bytes)
        } catch {
            throw DataError.badFile(path, error.description)
        }
        let count = picture.width * picture.height
        let planes =
            isGrey ? [picture.grey] : (0..<3).map { colour in (0..<count).map { picture.pixels[3 * $0 + colour] } }
        return SampleValues(
            shape: [planes.count, picture.height, picture.width], numbers: planes.joined().map { Float($0) / 255 })
    }
}
