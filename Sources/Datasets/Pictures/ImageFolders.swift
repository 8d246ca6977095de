public import Collectives
public import Files
public import SystemPackage

/// A folder of pictures in two parts, one to train on and one to test with, in each of which a class has a folder:
/// `train/cat/1.png`, `val/cat/2.png`.
public struct ImageFolders: Sendable {
    /// The classes, which both parts have, by label.
    public let classes: [String]

    /// The folder `train`.
    public let train: FilePath

    /// The folder `val`, or `test` where there is none.
    public let test: FilePath

    private let files: any FileSystem

    /// Looks for the parts and their classes. All ranks of `world` call it together.
    ///
    /// - Throws: `DataError` if a part is missing, there are fewer than two classes, the parts have others, or ranks see
    ///   others; `FileError` if a folder cannot be read.
    public init(
        _ directory: FilePath, files: any FileSystem = LocalFileSystem(),
        sharedBy world: any Communicator = SoloCommunicator()
    ) throws {
        let parts = try world.together {
            let found = try ["train", "val", "test"].map(directory.appending).filter {
                try files.status(of: $0)?.kind == .directory
            }
            guard found.count > 1, found[0].lastComponent?.string == "train" else {
                throw DataError.badFile(
                    directory, "needs a folder 'train' and a folder 'val' or 'test', each with a folder for each class")
            }
            return (train: found[0], test: found[1])
        }
        try world.requireSame(directory, "the folder \(parts.test.lastComponent?.string ?? "") to test with")
        let classes = try ImageFolderDataset.classes(of: parts.train, files: files, sharedBy: world)
        let others = try ImageFolderDataset.classes(of: parts.test, files: files, sharedBy: world)
        guard classes.count > 1 else {
            throw DataError.badFile(
                parts.train,
                "has \(classes.isEmpty ? "no folders" : "one class, '\(classes[0])'"); it needs a folder for each of two or "
                    + "more classes")
        }
        for (one, other, names) in [(parts.train, parts.test, classes), (parts.test, parts.train, others)] {
            let known = Set(one == parts.train ? others : classes)
            guard let name = names.first(where: { !known.contains($0) }) else { continue }
            throw DataError.badFile(one, "has a class '\(name)', and \(other) has none; both need the same")
        }
        self.classes = classes
        (train, test) = parts
        self.files = files
    }

    /// The pictures of a part, squares of `size` pixels cut from their middles. All ranks of `world` call it together.
    ///
    /// - Throws: `DataError` if a class has no pictures to train on, or ranks see others; `FileError` if a folder cannot be read.
    public func pictures(
        train isTrained: Bool, size: Int, sharedBy world: any Communicator = SoloCommunicator()
    ) throws -> ImageFolderDataset {
        let directory = isTrained ? train : test
        let pictures = try ImageFolderDataset(
            directory: directory, height: size, width: size, classes: classes, keepsRatio: true, files: files,
            sharedBy: world)
        if isTrained, let name = pictures.emptyClasses.first {
            throw DataError.badFile(
                directory.appending(name), "has no pictures (\(ImageFolderDataset.kinds)), and each class needs one")
        }
        return pictures
    }
}
