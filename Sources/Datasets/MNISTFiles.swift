import Files
import SystemPackage

/// Where the files of MNIST lie in a folder, as people download and unpack them.
///
/// Looked into, in this order: the folder itself; `raw` in it; its other folders, and `raw` in them, as torchvision has
/// `MNIST/raw`. The first that has any of the files must have all of them.
struct MNISTFiles {
    let images: FilePath
    let labels: FilePath

    private static let files = LocalFileSystem()

    /// Finds the files of "train" or "t10k".
    ///
    /// - Throws: `DataError` if one is missing, or if two folders have them; `FileError` if a folder cannot be read.
    init(in directory: FilePath, part: String) throws {
        let wanted = [MNISTFileName("\(part)-images", "idx3-ubyte"), MNISTFileName("\(part)-labels", "idx1-ubyte")]
        let folders = try Self.folders(in: directory)
        for group in folders {
            // A neighbouring folder, which nobody named, may be unreadable.
            let found = group.filter { folder in wanted.contains { (try? $0.path(in: folder)) != nil } }
            guard found.count <= 1 else {
                let names = found.map(\.string).joined(separator: " and ")
                throw DataError.badFile(directory, "holds several data sets, in \(names); name one of these folders")
            }
            guard let folder = found.first else { continue }
            (images, labels) = (try wanted[0].existingPath(in: folder), try wanted[1].existingPath(in: folder))
            return
        }
        throw DataError.missingFiles(directory: directory, names: wanted[0].spellings)
    }

    /// The folders to look into; of those in one group only one may have files.
    private static func folders(in directory: FilePath) throws -> [[FilePath]] {
        let raw = directory.appending("raw")
        guard try isFolder(directory) else { return [] }
        let others = try files.names(in: directory).map { directory.appending($0) }.filter(isFolder)
        return [[directory], [raw], others.flatMap { [$0, $0.appending("raw")] }.filter { $0 != raw }]
    }

    private static func isFolder(_ path: FilePath) throws -> Bool {
        try files.status(of: path)?.kind == .directory
    }
}

/// What a file of MNIST may be called.
private struct MNISTFileName {
    /// The usual names, the best first.
    let spellings: [String]

    init(_ name: String, _ kind: String) {
        spellings = ["-", "."].flatMap { ["\(name)\($0)\(kind)", "\(name)\($0)\(kind).gz"] }
    }

    /// The file in a folder, in whatever case; nil if there is none. A folder of its name, as some unpackers make, may hold
    /// it.
    func path(in folder: FilePath) throws -> FilePath? {
        let files = LocalFileSystem()
        guard try files.status(of: folder)?.kind == .directory else { return nil }
        let names = try files.names(in: folder)
        for spelling in spellings {
            for name in names where name.lowercased() == spelling {
                let path = folder.appending(name)
                for candidate in [path, path.appending(name)] {
                    if let kind = try? files.status(of: candidate)?.kind, kind != .directory { return candidate }
                }
            }
        }
        return nil
    }

    /// The same; throws if there is none.
    func existingPath(in folder: FilePath) throws -> FilePath {
        guard let path = try path(in: folder) else { throw DataError.missingFiles(directory: folder, names: spellings) }
        return path
    }
}
