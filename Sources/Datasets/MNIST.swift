public import Collectives
public import SystemPackage

/// The folders of MNIST and the data sets that share its file names (Fashion-MNIST, KMNIST).
public enum MNIST {
    /// Reads the training samples of a folder, or its test samples.
    ///
    /// Looked for, in this order and in any case: `train-images-idx3-ubyte`, the same with `.gz`,
    /// `train-images.idx3-ubyte`, the same with `.gz`; likewise `train-labels-idx1-ubyte`; and `t10k-…` for the test
    /// samples. They may lie in a folder `raw` or in the only folder with such files, as in `MNIST/raw`.
    ///
    /// All ranks of `world` call it together, and share what is too large for each of them.
    ///
    /// - Throws: `DataError` if a file is missing, damaged, or does not fit the other; `FileError` if one cannot be read.
    public static func load(
        directory: FilePath, train: Bool, sharedBy world: any Communicator = SoloCommunicator()
    ) throws -> ImageDataset {
        let files = try world.together { try MNISTFiles(in: directory, part: train ? "train" : "t10k") }
        let images = try IDXFile(contentsOf: files.images, sharedBy: world)
        let labels = try IDXFile(contentsOf: files.labels, sharedBy: world)
        return try world.together { try ImageDataset(images: images, labels: labels) }
    }
}
