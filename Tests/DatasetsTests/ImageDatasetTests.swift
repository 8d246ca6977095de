import Datasets
import SystemPackage
import Tensors
import Testing

struct ImageDatasetTests {
    private func images(_ elements: [UInt8], _ dimensions: [Int]) throws -> IDXFile {
        try IDXFile(IDXBytes.plain(elements, dimensions), path: "images")
    }

    private func labels(_ elements: [UInt8]) throws -> IDXFile {
        try IDXFile(IDXBytes.plain(elements, [elements.count]), path: "labels")
    }

    /// Fresh tensors for samples, filled by the dataset.
    static func samples(_ indices: [Int], of dataset: any Dataset) throws -> [Tensor] {
        let tensors = dataset.columns.map { column in
            Tensor(zeros: Shape([indices.count] + column.shape.dimensions), elementType: column.elementType)
        }
        try dataset.copySamples(indices[...], into: tensors)
        return tensors
    }

    @Test func samplesAreCopiedInTheOrderAskedFor() throws {
        let pixels: [UInt8] = [10, 20, 30]
        let dataset = try ImageDataset(images: images(pixels, [3, 1, 1]), labels: labels([7, 8, 9]))
        let tensors = try Self.samples([2, 0, 2], of: dataset)
        #expect(tensors[0].shape == [3, 1, 32, 32])
        #expect(tensors[1].shape == [3])
        #expect(tensors[1].elements(of: Int32.self) == [9, 7, 9])
        let images = tensors[0].elements(of: Float.self)
        for (row, pixel) in [UInt8(30), 10, 30].enumerated() {
            #expect(images[row * 1024..<(row + 1) * 1024].allSatisfy { $0 == ImageDataset.normalized(pixel) })
        }
    }

    @Test func aSliceOfAnOrderIsCopied() throws {
        let dataset = try ImageDataset(images: images([10, 20, 30], [3, 1, 1]), labels: labels([7, 8, 9]))
        let target = [Tensor(zeros: [2, 1, 32, 32]), Tensor(zeros: [2], elementType: .int32)]
        try dataset.copySamples([0, 2, 1, 0][1..<3], into: target)
        #expect(target[1].elements(of: Int32.self) == [9, 8])
    }

    @Test func pixelsAreNormalisedAsInMindSporesTutorial() {
        // The same expression in Python, in double precision.
        #expect(abs(ImageDataset.normalized(0) - -0.424212917) < 1e-6)
        #expect(abs(ImageDataset.normalized(128) - 1.205000923) < 1e-6)
        #expect(abs(ImageDataset.normalized(255) - 2.821486530) < 1e-6)
    }

    @Test func columnsAreImageAndLabel() throws {
        let dataset = try ImageDataset(images: images([1], [1, 1, 1]), labels: labels([0]))
        #expect(
            dataset.columns == [
                DataColumn("image", shape: [1, 32, 32], elementType: .float32),
                DataColumn("label", shape: [], elementType: .int32),
            ])
    }

    @Test func differentCountsAreRefusedNamingBothFiles() throws {
        let (images, labels) = (try images([1, 2, 3], [3, 1, 1]), try labels([0, 1]))
        #expect(throws: DataError.mismatch("images has 3 images but labels has 2 labels")) {
            try ImageDataset(images: images, labels: labels)
        }
    }

    @Test func aLabelThatIsNoClassIsRefused() throws {
        let (images, labels) = (try images([1, 2], [2, 1, 1]), try labels([9, 10]))
        #expect(throws: DataError.badFile("labels", "has 10 as label 1; 0 to 9 are allowed")) {
            try ImageDataset(images: images, labels: labels)
        }
        #expect(throws: DataError.badFile("labels", "has 9 as label 0; 0 to 8 are allowed")) {
            try ImageDataset(images: images, labels: labels, classes: 9)
        }
        #expect(try ImageDataset(images: images, labels: labels, classes: 11).count == 2)
    }

    @Test func otherShapesAreRefused() throws {
        let one = try labels([0])
        let refused: [(IDXFile, IDXFile, DataError)] = [
            (
                one, one, .badFile("labels", "has the shape [1]; images have 3 dimensions: [count, height, width]")
            ),
            (
                try images([1], [1, 1, 1]), try images([1], [1, 1, 1]),
                .badFile("images", "has the shape [1, 1, 1]; labels have 1 dimension: [count]")
            ),
            (try images([], [0, 8, 8]), one, .badFile("images", "has no images; at least 1 is needed")),
            (
                try images([], [1, 0, 8]), one, .badFile("images", "has images of 0×8; 1×1 to 32×32 are allowed")
            ),
            (
                try images([UInt8](repeating: 0, count: 33), [1, 1, 33]), one,
                .badFile("images", "has images of 1×33; 1×1 to 32×32 are allowed")
            ),
        ]
        for (images, labels, error) in refused {
            #expect(throws: error) { try ImageDataset(images: images, labels: labels) }
        }
    }
}
