import Files
import Memory
public import Tensors

/// Grey images with a label each, as MNIST has them.
///
/// Columns: "image", float32 [1, 32, 32], and "label", int32 [].
///
/// Images of up to 32×32 pixels are enlarged to the 32×32 that LeNet-5 takes: bilinear, with pixel centres at halves and
/// edges clamped, MNIST's 28×28 and the embedded 8×8 alike. They are normalised as they are copied, as in MindSpore's
/// LeNet tutorial: (pixel/255 − 0.1307)/0.3081.
///
/// Up to 65,536 images, more than MNIST has, are enlarged once and kept as bytes. More than that stay in their file, and
/// are read and enlarged as they are copied.
public struct ImageDataset {
    /// The height and width of the images that a network gets.
    public static let side = 32

    private static let pixelsPerImage = side * side

    /// The most images that are kept in memory: their pixels then take 64 MiB.
    static let residentLimit = 1 << 16

    private enum Pixels {
        case enlarged([UInt8])
        case stored(FileSlice, ImageEnlarger)
    }

    private let pixels: Pixels
    private let labels: [UInt8]

    /// Makes a dataset of images [count, height, width] and labels [count] from 0 to `classes` − 1.
    ///
    /// - Throws: `DataError` if a file has another rank, the counts differ, there is no image, an image has no pixel or
    ///   more than 32×32, or a label is not below `classes`; `FileError` if one cannot be read.
    public init(images: IDXFile, labels: IDXFile, classes: Int = 10) throws {
        try self.init(images: images, labels: labels, classes: classes, residentLimit: Self.residentLimit)
    }

    init(images: IDXFile, labels: IDXFile, classes: Int = 10, residentLimit: Int) throws {
        try Self.checkImages(images)
        let values = try Self.checkedLabels(labels, classes: classes)
        guard images.shape[0] == labels.shape[0] else {
            throw DataError.mismatch(
                "\(images.path) has \(images.shape[0]) images but \(labels.path) has \(labels.shape[0]) labels")
        }
        let enlarger = ImageEnlarger(height: images.shape[1], width: images.shape[2], side: Self.side)
        pixels =
            images.shape[0] <= residentLimit
            ? .enlarged(enlarger.enlarge(try images.elements)) : .stored(images.stored, enlarger)
        self.labels = values
    }

    /// The number that a network gets for a pixel.
    public static func normalized(_ pixel: UInt8) -> Float { (Float(pixel) / 255 - 0.1307) / 0.3081 }

    private static let normalizedPixels = (0...255).map { normalized(UInt8($0)) }

    private static func checkImages(_ images: IDXFile) throws(DataError) {
        let shape = images.shape
        guard shape.rank == 3 else {
            throw .badFile(images.path, "has the shape \(shape); images have 3 dimensions: [count, height, width]")
        }
        guard shape[0] >= 1 else { throw .badFile(images.path, "has no images; at least 1 is needed") }
        guard 1...side ~= shape[1] && 1...side ~= shape[2] else {
            throw .badFile(images.path, "has images of \(shape[1])×\(shape[2]); 1×1 to \(side)×\(side) are allowed")
        }
    }

    private static func checkedLabels(_ labels: IDXFile, classes: Int) throws -> [UInt8] {
        guard labels.shape.rank == 1 else {
            throw DataError.badFile(labels.path, "has the shape \(labels.shape); labels have 1 dimension: [count]")
        }
        let values = try labels.elements
        if let wrong = values.firstIndex(where: { $0 >= classes }) {
            throw DataError.badFile(
                labels.path, "has \(values[wrong]) as label \(wrong); 0 to \(classes - 1) are allowed")
        }
        return values
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ImageDataset: Dataset {
    public var count: Int { labels.count }

    public var columns: [DataColumn] {
        [
            DataColumn("image", shape: [1, Self.side, Self.side], elementType: .float32),
            DataColumn("label", shape: .scalar, elementType: .int32),
        ]
    }

    /// The labels, and the pixels if they are kept.
    public var residentByteCount: Int {
        switch pixels {
        case .enlarged(let bytes): bytes.count + labels.count
        case .stored(let file, _): file.residentByteCount + labels.count
        }
    }

    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        insist(tensors.count == 2, "images and labels need 2 tensors, not \(tensors.count)")
        let size = Self.pixelsPerImage
        insist(
            tensors[0].elementCount == indices.count * size && tensors[1].elementCount == indices.count,
            "\(tensors[0].shape) images and \(tensors[1].shape) labels do not take \(indices.count) samples")
        let imageTarget = tensors[0].slice(of: Float.self)
        let labelTarget = tensors[1].slice(of: Int32.self)
        var images = imageTarget.mutableSpan
        var labels = labelTarget.mutableSpan
        for (row, index) in indices.enumerated() { labels[row] = Int32(self.labels[index]) }
        switch pixels {
        case .enlarged(let bytes):
            let source = bytes.span
            for (row, index) in indices.enumerated() {
                for pixel in 0..<size {
                    images[row * size + pixel] = Self.normalized(source[index * size + pixel])
                }
            }
        case .stored(let file, let enlarger):
            var image = [UInt8](repeating: 0, count: enlarger.sourcePixelCount)
            for (row, index) in indices.enumerated() {
                var bytes = image.mutableSpan
                try file.read(into: &bytes, at: index * enlarger.sourcePixelCount)
                let values = Self.normalizedPixels.span
                enlarger.enlarge(image.span, at: 0) { place, pixel in images[row * size + place] = values[Int(pixel)] }
            }
        }
    }
}
