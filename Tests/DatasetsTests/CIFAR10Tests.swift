import Datasets
import SystemPackage
import Tensors
import Testing

struct CIFAR10Tests {
    /// A record whose pixels depend on its number.
    private func record(_ label: UInt8, _ number: Int) -> [UInt8] {
        [label] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
    }

    @Test func theFilesOfAFolderAreOneDataset() throws {
        let folder = try DataFolder()
        let files = [
            "data_batch_1.bin": record(3, 1) + record(9, 2), "data_batch_2.bin": record(0, 3),
            "test_batch.bin": record(5, 4),
        ]
        try folder.write(files, in: "cifar-10-batches-bin")
        let train = try CIFAR10.load(directory: folder.path, train: true)
        #expect(train.count == 3 && train.residentByteCount == 3)
        let tensors = try train.samples([2, 1])
        #expect(tensors[0].shape == [2, 3, 32, 32] && tensors[1].elements(of: Int32.self) == [0, 9])
        let images = tensors[0].elements(of: Float.self)
        #expect(Array(images[..<3072]) == record(0, 3).dropFirst().map { Float($0) / 255 })
        #expect(Array(images[3072...]) == record(9, 2).dropFirst().map { Float($0) / 255 })
        #expect(try CIFAR10.load(directory: folder.path, train: false).samples([0])[1].elements(of: Int32.self) == [5])
    }

    @Test func whatIsNoneIsRefused() throws {
        #expect(throws: DataError.badFile("c.bin", "has 0 bytes; a file of CIFAR-10 has a multiple of 3073, and not 0"))
        {
            try CIFAR10([], path: "c.bin")
        }
        #expect(
            throws: DataError.badFile("c.bin", "has 3072 bytes; a file of CIFAR-10 has a multiple of 3073, and not 0")
        ) {
            try CIFAR10(Array(record(0, 0).dropLast()), path: "c.bin")
        }
        #expect(throws: DataError.badFile("c.bin", "has 10 as the label at byte 3073; 0 to 9 are allowed")) {
            try CIFAR10(record(9, 0) + record(10, 0), path: "c.bin")
        }
        let folder = try DataFolder()
        #expect(throws: DataError.missingFiles(directory: folder.path, names: ["test_batch.bin"])) {
            try CIFAR10.load(directory: folder.path, train: false)
        }
    }
}
