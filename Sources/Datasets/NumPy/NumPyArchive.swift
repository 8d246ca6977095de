public import Collectives
public import Files
public import SystemPackage

/// Several arrays in a file (`numpy.savez`, `numpy.savez_compressed`).
///
/// What is stored as it is stays in its file until it is needed. What is compressed is unpacked into memory when its array is
/// asked for.
public struct NumPyArchive: Sendable {
    private let archive: ZipArchive

    /// Opens a file; all ranks of `world` call this together.
    ///
    /// - Throws: `FileError` if it cannot be read, `DataError` if it is no archive.
    public init(
        contentsOf path: FilePath, files: any FileSystem = LocalFileSystem(),
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws {
        archive = try DataFile.read(path, sharedBy: world, files: files) { try ZipArchive($0, path: path) }
    }

    /// Reads the bytes of a file; `path` stands in messages.
    public init(_ bytes: [UInt8], path: FilePath) throws {
        archive = try ZipArchive(FileSlice(bytes, path: path), path: path)
    }

    /// What the arrays are called, as they stand in the file.
    public var names: [String] {
        archive.entries.map { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : $0.name }
    }

    /// An array by its name; all ranks of `world` call this together.
    ///
    /// - Throws: `DataError` if there is none, or it cannot be read.
    public func array(
        _ name: String, sharedBy world: any Communicator = SoloCommunicator()
    ) throws -> NumPyArray {
        try world.together { try read(name) }
    }

    private func read(_ name: String) throws -> NumPyArray {
        guard let place = names.firstIndex(of: name) else {
            let all = names.prefix(20).map { "'\($0.visible)'" }.joined(separator: ", ")
            throw DataError.badFile(
                archive.path, "has no array '\(name.visible)'; its arrays are \(all.isEmpty ? "none" : all)")
        }
        let path = FilePath("\(archive.path) (\(name.visible))")
        return try NumPyArray(archive.contents(of: archive.entries[place], path: path), path: path)
    }
}
