import Datasets
import SystemPackage
import Testing

struct MNISTTests {
    static let images = IDXBytes.plain([10, 20, 30], [3, 1, 1])
    static let labels = IDXBytes.plain([7, 8, 9], [3])

    @Test(arguments: [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("train-images-idx3-ubyte", "train-labels.idx1-ubyte"),
    ])
    func allNamesAreFound(images: String, labels: String) throws {
        let plain = try DataFolder([images: Self.images, labels: Self.labels])
        #expect(try MNIST.load(directory: plain.path, train: true).count == 3)
        let compressed = try DataFolder([
            images + ".gz": IDXBytes.gzip(Self.images), labels + ".gz": IDXBytes.gzip(Self.labels),
        ])
        #expect(try MNIST.load(directory: compressed.path, train: true).count == 3)
    }

    @Test func testSamplesAreNotTheTrainingSamples() throws {
        let folder = try DataFolder([
            "train-images-idx3-ubyte": Self.images, "train-labels-idx1-ubyte": Self.labels,
            "t10k-images-idx3-ubyte": IDXBytes.plain([5], [1, 1, 1]),
            "t10k-labels-idx1-ubyte": IDXBytes.plain([3], [1]),
        ])
        #expect(try MNIST.load(directory: folder.path, train: true).count == 3)
        #expect(try MNIST.load(directory: folder.path, train: false).count == 1)
    }

    @Test(arguments: ["MNIST/raw", "raw", "FashionMNIST", "FashionMNIST/raw"])
    func filesAreFoundInTheFoldersOfOthers(subfolder: String) throws {
        let folder = try DataFolder([:])
        try folder.write(
            ["train-images-idx3-ubyte.gz": IDXBytes.gzip(Self.images), "train-labels-idx1-ubyte": Self.labels],
            in: subfolder)
        #expect(try MNIST.load(directory: folder.path, train: true).count == 3)
    }

    @Test(arguments: [
        ("TRAIN-IMAGES-IDX3-UBYTE.GZ", "train-labels-idx1-ubyte.GZ"),
        ("Train-Images.idx3-ubyte.gz", "train-labels.IDX1-UBYTE.gz"),
    ])
    func theCaseOfNamesDoesNotMatter(images: String, labels: String) throws {
        let folder = try DataFolder([images: IDXBytes.gzip(Self.images), labels: IDXBytes.gzip(Self.labels)])
        #expect(try MNIST.load(directory: folder.path, train: true).count == 3)
    }

    /// Some unpackers make a folder of the name of each file.
    @Test func foldersThatHaveTheNamesOfFilesAreLookedInto() throws {
        let folder = try DataFolder(["train-labels.idx1-ubyte": Self.labels])
        try folder.write(["train-images-idx3-ubyte": Self.images], in: "train-images-idx3-ubyte")
        try folder.write([:], in: "train-labels-idx1-ubyte")
        #expect(try MNIST.load(directory: folder.path, train: true).count == 3)
    }

    @Test func unpackedFilesBesideArchivesAreTaken() throws {
        let folder = try DataFolder([
            "train-images-idx3-ubyte": Self.images, "train-images-idx3-ubyte.gz": [1, 2, 3],
            "train-labels-idx1-ubyte.gz": IDXBytes.gzip(Self.labels),
        ])
        #expect(try MNIST.load(directory: folder.path, train: true).count == 3)
    }

    @Test func oneOfTwoFilesInASubfolderIsNotEnough() throws {
        let folder = try DataFolder([:])
        try folder.write(["train-labels-idx1-ubyte": Self.labels], in: "MNIST/raw")
        let error = try #require(throws: DataError.self) { try MNIST.load(directory: folder.path, train: true) }
        #expect(error.description.hasPrefix("\(folder.path)/MNIST/raw has none of the files train-images-idx3-ubyte, "))
    }

    @Test func twoDataSetsInOneFolderAreNotGuessed() throws {
        let folder = try DataFolder([:])
        for name in ["FashionMNIST", "KMNIST"] {
            try folder.write(
                ["train-images-idx3-ubyte": Self.images, "train-labels-idx1-ubyte": Self.labels], in: "\(name)/raw")
        }
        let error = try #require(throws: DataError.self) { try MNIST.load(directory: folder.path, train: true) }
        #expect(
            error.description == "\(folder.path) holds several data sets, in \(folder.path)/FashionMNIST/raw and "
                + "\(folder.path)/KMNIST/raw; name one of these folders")
    }

    @Test func aMissingFileIsNamedWithItsFolder() throws {
        let folder = try DataFolder(["train-images-idx3-ubyte": Self.images])
        let error = try #require(throws: DataError.self) { try MNIST.load(directory: folder.path, train: true) }
        #expect(
            error.description == "\(folder.path) has none of the files train-labels-idx1-ubyte, "
                + "train-labels-idx1-ubyte.gz, train-labels.idx1-ubyte, train-labels.idx1-ubyte.gz")
    }

    @Test func aMissingFolderIsNamed() {
        let error = #expect(throws: DataError.self) { try MNIST.load(directory: "/no/such/folder", train: false) }
        #expect(error?.description.hasPrefix("/no/such/folder has none of the files t10k-images-idx3-ubyte, ") == true)
    }
}
