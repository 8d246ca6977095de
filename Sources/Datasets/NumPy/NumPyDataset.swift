public import Tensors

/// Arrays of NumPy as samples: one column an array, the samples along dimension 0, read as they are copied.
///
/// ```swift
/// let archive = try NumPyArchive(contentsOf: "train.npz")
/// let data = try NumPyDataset([
///     ("image", archive.array("x").converted(to: .float32)), ("label", archive.array("y")),
/// ])
/// ```
public struct NumPyDataset: Dataset {
    /// One an array.
    public let columns: [DataColumn]

    /// The number of samples.
    public let count: Int

    private let arrays: [NumPyArray]

    /// Makes a dataset of arrays that all have as many rows.
    ///
    /// - Throws: `DataError` if there are none, one has no dimension, or their rows differ.
    public init(_ arrays: [(name: String, array: NumPyArray)]) throws {
        guard let first = arrays.first else { throw DataError.mismatch("a dataset needs at least 1 array") }
        for (name, array) in arrays {
            guard array.shape.rank > 0 else {
                throw DataError.badFile(
                    array.path, "is a single number, and the column '\(name)' needs one for each sample")
            }
            guard array.shape[0] == first.array.shape[0] else {
                throw DataError.mismatch(
                    "\(array.path) has \(array.shape[0]) samples for '\(name)' but \(first.array.path) has "
                        + "\(first.array.shape[0]) for '\(first.name)'")
            }
        }
        count = first.array.shape[0]
        guard count > 0 else { throw DataError.badFile(first.array.path, "has no samples; at least 1 is needed") }
        self.arrays = arrays.map(\.array)
        columns = arrays.map { name, array in
            DataColumn(name, shape: Shape(Array(array.shape.dimensions.dropFirst())), elementType: array.elementType)
        }
    }

    /// The bytes of arrays that were unpacked or put in another order.
    public var residentByteCount: Int { arrays.reduce(0) { $0 + $1.residentByteCount } }

    /// Copies samples into the rows of one tensor a column.
    ///
    /// - Throws: `FileError` if a file cannot be read, `DataError` if a number does not fit its column.
    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        for (array, tensor) in zip(arrays, tensors) {
            for (row, index) in indices.enumerated() { try array.copyRow(index, to: row, of: tensor) }
        }
    }
}
