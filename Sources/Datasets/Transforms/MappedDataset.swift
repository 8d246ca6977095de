import Memory
public import Tensors

/// Samples of which one column is changed as they are read.
public struct MappedDataset: Dataset {
    /// Those of the samples, one of them changed.
    public let columns: [DataColumn]

    private let base: any Dataset
    private let place: Int
    private let operations: [any SampleTransform]

    init(_ base: any Dataset, _ operations: [any SampleTransform], column name: String) throws {
        var columns = base.columns
        guard let place = columns.firstIndex(where: { $0.name == name }) else {
            let names = columns.map { "'\($0.name)'" }.joined(separator: ", ")
            throw DataError.mismatch("the dataset has no column '\(name)'; its columns are \(names)")
        }
        for operation in operations { columns[place] = try operation.result(of: columns[place]) }
        self.base = base
        self.place = place
        self.operations = operations
        self.columns = columns
    }

    /// The number of samples.
    public var count: Int { base.count }

    /// One more than that of the samples.
    public var transformDepth: Int { base.transformDepth + 1 }

    /// What the samples take that are changed.
    public var residentByteCount: Int { base.residentByteCount }

    /// That of the samples, and what is done with them.
    public func fingerprint() throws -> String {
        let done = operations.map(\.description).joined(separator: ", ")
        return "\(try base.fingerprint()), '\(base.columns[place].name)' through \(done)"
    }

    /// Copies samples as outside of a run.
    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        try copySamples(indices, in: .none, into: tensors)
    }

    /// Copies samples and changes them.
    ///
    /// - Throws: `DataError` that names the sample if it is none that the operations take.
    public func copySamples(_ indices: ArraySlice<Int>, in pass: SamplePass, into tensors: [Tensor]) throws {
        let column = base.columns[place]
        let source = Tensor(
            zeros: Shape([indices.count] + column.shape.dimensions), elementType: column.elementType)
        var targets = tensors
        targets[place] = source
        try base.copySamples(indices, in: pass, into: targets)
        let sources = operations.indices.map { pass.numbers(for: "\(transformDepth) \(column.name) \($0)") }
        for (row, index) in indices.enumerated() {
            var values = source.values(ofRow: row)
            for (operation, random) in zip(operations, sources) {
                do throws(DataError) {
                    values = try operation.apply(values, SampleRandom(random, sample: index))
                } catch {
                    throw DataError.mismatch("sample \(index) cannot be used; its '\(column.name)': \(error)")
                }
            }
            tensors[place].set(values, row: row)
        }
    }
}

extension Dataset {
    /// The same samples, one column of them changed by these operations, one after the other (MindSpore's `map`).
    ///
    /// - Throws: `DataError` if there is no such column, or an operation does not take it.
    public func map(_ operations: [any SampleTransform], inputColumn: String) throws -> MappedDataset {
        try MappedDataset(self, operations, column: inputColumn)
    }
}

extension Tensor {
    /// The elements of a row of dimension 0.
    func values(ofRow row: Int) -> SampleValues {
        let shape = Shape(Array(shape.dimensions.dropFirst()))
        let range = row * shape.elementCount..<(row + 1) * shape.elementCount
        switch elementType {
        case .float32:
            let part = slice(of: Float.self)[range]
            return SampleValues(shape: shape, numbers: part.span.indices.map { part.span[$0] })
        case .int32:
            let part = slice(of: Int32.self)[range]
            return SampleValues(shape: shape, integers: part.span.indices.map { part.span[$0] })
        default: misuse("samples of \(elementType) cannot be changed; float32 and int32 can")
        }
    }

    /// Sets the elements of a row of dimension 0.
    func set(_ values: SampleValues, row: Int) {
        let count = elementCount / max(shape[0], 1)
        let (own, others) =
            elementType == .float32
            ? (values.numbers.count, values.integers.count) : (values.integers.count, values.numbers.count)
        insist(
            own == count && others == 0,
            "a transform made \(values.numbers.count) numbers and \(values.integers.count) integers, and its column has "
                + "\(count) of \(elementType)")
        if elementType == .float32 {
            let part = slice(of: Float.self)
            var target = part.mutableSpan
            for index in values.numbers.indices { target[row * count + index] = values.numbers[index] }
        } else {
            let part = slice(of: Int32.self)
            var target = part.mutableSpan
            for index in values.integers.indices { target[row * count + index] = values.integers[index] }
        }
    }
}
