public import Collectives
import Files
public import SystemPackage

/// The folders of MNIST and the data sets that share its file names (Fashion-MNIST, KMNIST).
public enum MNIST {
    /// Reads the training samples of a folder, or its test samples.
    ///
    /// Looked for, in this order: `train-images-idx3-ubyte`, the same with `.gz`, `train-images.idx3-ubyte`, the same
    /// with `.gz`; likewise `train-labels-idx1-ubyte`; and `t10k-…` for the test samples.
    ///
    /// All ranks of `world` call it together, and share what is too large for each of them.
    ///
    /// - Throws: `DataError` if a file is missing, damaged, or does not fit the other; `FileError` if one cannot be read.
    public static func load(
        directory: FilePath, train: Bool, sharedBy world: any Communicator = SoloCommunicator()
    ) throws -> ImageDataset {
        let part = train ? "train" : "t10k"
        let paths = try world.together {
            (
                images: try find("\(part)-images", "idx3-ubyte", in: directory),
                labels: try find("\(part)-labels", "idx1-ubyte", in: directory)
            )
        }
        let images = try IDXFile(contentsOf: paths.images, sharedBy: world)
        let labels = try IDXFile(contentsOf: paths.labels, sharedBy: world)
        return try world.together { try ImageDataset(images: images, labels: labels) }
    }

    private static func find(_ name: String, _ kind: String, in directory: FilePath) throws -> FilePath {
        let names = ["-", "."].flatMap { ["\(name)\($0)\(kind)", "\(name)\($0)\(kind).gz"] }
        for name in names {
            let path = directory.appending(name)
            if try LocalFileSystem().status(of: path) != nil { return path }
        }
        throw DataError.missingFiles(directory: directory, names: names)
    }
}
