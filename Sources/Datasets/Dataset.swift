import Memory
public import Tensors

/// Samples that can be read in any order.
///
/// A dataset knows nothing of batches, epochs or ranks: a ``DataLoader`` decides which samples a rank reads when.
public protocol Dataset: Sendable {
    /// The number of samples.
    var count: Int { get }

    /// What a sample consists of, in order: the inputs of the network, then the labels. A network takes all columns but the
    /// last, or the first so many if it says how many inputs it has.
    var columns: [DataColumn] { get }

    /// Copies samples into the rows of one tensor a column: sample `indices[i]` becomes row i.
    ///
    /// Each tensor has the column's type and the shape [indices.count] + column.shape.
    func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws

    /// The same in an epoch of a run, for samples that are changed at random each time they are read; by default as
    /// `copySamples(_:into:)`.
    ///
    /// What comes is a function of `pass` and the numbers of the samples. Several threads may call it at a time.
    func copySamples(_ indices: ArraySlice<Int>, in pass: SamplePass, into tensors: [Tensor]) throws

    /// How many datasets that draw random numbers lie one upon the other here, with itself if it draws: each of them draws
    /// others. None by default; a dataset that wraps another says the number of that, and one more if it draws itself.
    var transformDepth: Int { get }

    /// How many bytes of memory they take on a rank; none by default, as for samples that are read when they are needed.
    var residentByteCount: Int { get }

    /// A text that tells these samples from others, so that a run carries on with the same ones: by default their number and a
    /// checksum of every k-th one.
    func fingerprint() throws -> String
}

extension Dataset {
    /// None, as for samples that are read when they are needed.
    public var residentByteCount: Int { 0 }

    /// None.
    public var transformDepth: Int { 0 }

    /// As in any other pass.
    public func copySamples(_ indices: ArraySlice<Int>, in pass: SamplePass, into tensors: [Tensor]) throws {
        try copySamples(indices, into: tensors)
    }

    /// Fresh tensors with these samples, one a column.
    public func samples(_ indices: [Int], in pass: SamplePass = .none) throws -> [Tensor] {
        let tensors = columns.map { column in
            Tensor(zeros: Shape([indices.count] + column.shape.dimensions), elementType: column.elementType)
        }
        try copySamples(indices[...], in: pass, into: tensors)
        return tensors
    }
}

/// One part of a sample.
public struct DataColumn: Hashable, Sendable {
    /// Its name, such as "image".
    public let name: String

    /// The shape of one sample.
    public let shape: Shape

    /// The type of its elements.
    public let elementType: ElementType

    /// Describes a part of a sample.
    public init(_ name: String, shape: Shape, elementType: ElementType) {
        self.name = name
        self.shape = shape
        self.elementType = elementType
    }
}

/// Samples that lie in memory, one tensor a column with the samples along dimension 0.
public struct TensorDataset: Dataset {
    /// What a sample consists of.
    public let columns: [DataColumn]

    /// The number of samples.
    public let count: Int

    private let tensors: [Tensor]

    /// The bytes of the tensors.
    public var residentByteCount: Int { tensors.reduce(0) { $0 + $1.bytes.count } }

    /// Makes a dataset of tensors that all have as many rows.
    public init(_ tensors: [(name: String, tensor: Tensor)]) {
        insist(!tensors.isEmpty, "a dataset needs at least one column")
        for (name, tensor) in tensors {
            insist(tensor.shape.rank > 0, "column \(name) has no dimension for its samples")
        }
        count = tensors[0].tensor.shape[0]
        for (name, tensor) in tensors {
            insist(tensor.shape[0] == count, "column \(name) has \(tensor.shape[0]) samples, not \(count)")
        }
        self.tensors = tensors.map(\.tensor)
        columns = tensors.map { name, tensor in
            DataColumn(name, shape: Shape(Array(tensor.shape.dimensions.dropFirst())), elementType: tensor.elementType)
        }
    }

    /// Copies samples into the rows of one tensor a column.
    public func copySamples(_ indices: ArraySlice<Int>, into targets: [Tensor]) {
        guard !indices.isEmpty else { return }
        for (source, target) in zip(tensors, targets) {
            let size = source.bytes.count / count
            for (row, index) in indices.enumerated() {
                target.bytes[row * size..<(row + 1) * size].copy(from: source.bytes[index * size..<(index + 1) * size])
            }
        }
    }
}
