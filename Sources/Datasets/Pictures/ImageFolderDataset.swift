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

    /// The most bytes of a file.
    private static let fileLimit = 1 << 28

    private static let endings: Set = ["png", "jpg", "jpeg", "ppm", "pgm"]

    /// Looks for the pictures below a directory; other files are passed over. All ranks of `world` call it together.
    ///
    /// - Parameters:
    ///   - classes: The folders to look into, where a class may have no pictures in one of several directories; by default all.
    /// - Throws: `DataError` if there are none, or ranks see others; `FileError` if a folder cannot be read.
    public init(
        directory: FilePath, height: Int, width: Int, isGrey: Bool = false, classes: [String]? = nil,
        files: any FileSystem = LocalFileSystem(), sharedBy world: any Communicator = SoloCommunicator()
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
        resize = Resize(height: height, width: width)
        columns = [
            DataColumn("image", shape: [isGrey ? 1 : 3, height, width], elementType: .float32),
            DataColumn("label", shape: .scalar, elementType: .int32),
        ]
    }

    private static func entries(
        of directory: FilePath, _ classes: [String]?, _ files: any FileSystem
    ) throws -> ([String], [Entry]) {
        let folders =
            try classes
            ?? files.names(in: directory).filter {
                // What file managers, notebooks and archives of macOS leave is no class.
                try !$0.hasPrefix(".") && $0 != "__MACOSX"
                    && files.status(of: directory.appending($0))?.kind == .directory
            }
        let entries = try folders.enumerated().flatMap { label, folder in
            let names = try files.names(in: directory.appending(folder))
            return names.filter { name in
                !name.hasPrefix(".") && endings.contains(FilePath(name).extension?.lowercased() ?? "")
            }.map { Entry(name: folder + "/" + $0, label: label) }
        }
        guard !entries.isEmpty else {
            throw DataError.badFile(
                directory,
                "has no pictures in its \(folders.count) folders; it needs a folder for each class, with files of PNG, "
                    + "JPEG, PPM or PGM that end in .png, .jpg, .jpeg, .ppm or .pgm")
        }
        return (folders, entries)
    }

    /// The number of pictures.
    public var count: Int { entries.count }

    /// The names of the files.
    public var residentByteCount: Int { entries.reduce(0) { $0 + $1.name.utf8.count } }

    /// Reads pictures into the rows of a tensor, and their labels into another.
    ///
    /// - Throws: `FileError` if a file cannot be read, `DataError` if it is no picture.
    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        let (imageTarget, labelTarget) = (tensors[0].slice(of: Float.self), tensors[1].slice(of: Int32.self))
        var images = imageTarget.mutableSpan
        var labels = labelTarget.mutableSpan
        for (row, index) in indices.enumerated() {
            labels[row] = Int32(entries[index].label)
            let values = resize.resized(try image(index)).numbers
            for place in values.indices { images[row * values.count + place] = values[place] }
        }
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
