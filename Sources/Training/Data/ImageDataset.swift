import Memory
public import Tensors

/// Grey images with a label each, as MNIST has them.
///
/// Columns: "image", float32 [1, 32, 32], and "label", int32 [].
///
/// Images of up to 32×32 pixels are enlarged once, when the dataset is made, to the 32×32 that LeNet-5 takes: bilinear,
/// with pixel centres at halves and edges clamped, MNIST's 28×28 and the embedded 8×8 alike. They are kept as bytes
/// and normalised as they are copied, as in MindSpore's LeNet tutorial: (pixel/255 − 0.1307)/0.3081.
public struct ImageDataset {
    /// The height and width of the images that a network gets.
    public static let side = 32

    private static let pixelsPerImage = side * side

    /// The most images of a dataset: their pixels then take 1 GiB.
    public static let countLimit = 1 << 20

    private let pixels: [UInt8]
    private let labels: [UInt8]

    /// Makes a dataset of images [count, height, width] and labels [count] from 0 to `classes` − 1.
    ///
    /// - Throws: `DataError` if a file has another rank, the counts differ, there is no image or more than
    ///   ``countLimit``, an image has no pixel or more than 32×32, or a label is not below `classes`.
    public init(images: IDXFile, labels: IDXFile, classes: Int = 10) throws(DataError) {
        try Self.checkImages(images)
        try Self.checkLabels(labels, classes: classes)
        guard images.shape[0] == labels.shape[0] else {
            throw .mismatch(
                "\(images.path) has \(images.shape[0]) images but \(labels.path) has \(labels.shape[0]) labels")
        }
        let enlarger = ImageEnlarger(height: images.shape[1], width: images.shape[2], side: Self.side)
        pixels = enlarger.enlarge(images.elements)
        self.labels = labels.elements
    }

    /// The number that a network gets for a pixel.
    public static func normalized(_ pixel: UInt8) -> Float { (Float(pixel) / 255 - 0.1307) / 0.3081 }

    private static func checkImages(_ images: IDXFile) throws(DataError) {
        let shape = images.shape
        guard shape.rank == 3 else {
            throw .badFile(images.path, "has the shape \(shape); images have 3 dimensions: [count, height, width]")
        }
        guard 1...countLimit ~= shape[0] else {
            throw .badFile(images.path, "has \(shape[0]) images; 1 to \(countLimit) are allowed")
        }
        guard 1...side ~= shape[1] && 1...side ~= shape[2] else {
            throw .badFile(images.path, "has images of \(shape[1])×\(shape[2]); 1×1 to \(side)×\(side) are allowed")
        }
    }

    private static func checkLabels(_ labels: IDXFile, classes: Int) throws(DataError) {
        guard labels.shape.rank == 1 else {
            throw .badFile(labels.path, "has the shape \(labels.shape); labels have 1 dimension: [count]")
        }
        if let wrong = labels.elements.firstIndex(where: { $0 >= classes }) {
            throw .badFile(
                labels.path, "has \(labels.elements[wrong]) as label \(wrong); 0 to \(classes - 1) are allowed")
        }
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

    // Every step calls this, so it allocates nothing.
    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) {
        insist(tensors.count == 2, "images and labels need 2 tensors, not \(tensors.count)")
        let size = Self.pixelsPerImage
        insist(
            tensors[0].elementCount == indices.count * size && tensors[1].elementCount == indices.count,
            "\(tensors[0].shape) images and \(tensors[1].shape) labels do not take \(indices.count) samples")
        let imageTarget = tensors[0].slice(of: Float.self)
        let labelTarget = tensors[1].slice(of: Int32.self)
        var images = imageTarget.mutableSpan
        var labels = labelTarget.mutableSpan
        let source = pixels.span
        for (row, index) in indices.enumerated() {
            for pixel in 0..<size {
                images[row * size + pixel] = Self.normalized(source[index * size + pixel])
            }
            labels[row] = Int32(self.labels[index])
        }
    }
}
