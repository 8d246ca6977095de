public import Tensors

/// Changes one column of each sample, perhaps at random: a crop, a flip, a scale.
///
/// ```swift
/// let train = try CIFAR10.load(directory: "cifar", train: true).map(
///     [RandomCrop(32, padding: 4), RandomHorizontalFlip(), Normalize(mean: CIFAR10.mean, std: CIFAR10.std)],
///     inputColumn: "image")
/// ```
///
/// What comes out is a function of the sample and of its random numbers, so a transform keeps nothing. Its description, with
/// all that changes what it does, is a part of the data's fingerprint.
public protocol SampleTransform: Sendable, CustomStringConvertible {
    /// What a column becomes.
    ///
    /// - Throws: `DataError` if it takes no such samples.
    func result(of column: DataColumn) throws(DataError) -> DataColumn

    /// Changes a sample of a column that ``result(of:)`` takes.
    ///
    /// - Throws: `DataError` if what stands in the sample cannot be used, as a label that is no class.
    func apply(_ sample: SampleValues, _ random: SampleRandom) throws(DataError) -> SampleValues
}

/// One column of one sample: its shape, and its elements in row-major order.
public struct SampleValues: Equatable, Sendable {
    /// The sizes of the dimensions.
    public var shape: Shape

    /// The elements of a float32 column; else none.
    public var numbers: [Float]

    /// The elements of an int32 column; else none.
    public var integers: [Int32]

    /// Puts a sample together.
    public init(shape: Shape, numbers: [Float] = [], integers: [Int32] = []) {
        self.shape = shape
        self.numbers = numbers
        self.integers = integers
    }
}

extension SampleTransform {
    /// Refuses a column that is no picture [channels, height, width] of float32; the sizes of one that is.
    func pictureSize(of column: DataColumn) throws(DataError) -> (channels: Int, height: Int, width: Int) {
        guard column.elementType == .float32, column.shape.rank == 3,
            column.shape.elementCount > 0
        else {
            throw .mismatch(
                "\(self) takes pictures, float32 [channels, height, width] of 1 and more each, and the column '\(column.name)' is "
                    + "\(column.elementType) \(column.shape)")
        }
        return (column.shape[0], column.shape[1], column.shape[2])
    }
}
