import Memory
import Tensors

extension DataLoader {
    /// The lengths that batches come in: those of the buckets that have samples, nil for whole ones.
    public var lengths: [Int?] { buckets?.usedBounds ?? [nil] }

    /// What the batch of a step is cut to, the same on all ranks; nil if its samples stay whole.
    public func length(ofStep step: Int, in order: SampleOrder) -> Int? {
        guard let buckets else { return nil }
        let start = (step - 1) * batchSize
        return buckets.bound(of: order[start..<min(start + batchSize, samplesPerEpoch)])
    }

    /// The same batches with samples that are cut to a length.
    public func cut(to length: Int?) -> DataLoader {
        guard let length, let buckets else { return self }
        return DataLoader(self, of: CutSamples(dataset, buckets.columns, length), cutLength: length)
    }
}

/// Samples of which some columns are cut along their first dimension.
private struct CutSamples: Dataset {
    let columns: [DataColumn]
    private let base: any Dataset
    private let isCut: [Bool]

    init(_ base: any Dataset, _ names: [String], _ length: Int) {
        self.base = base
        isCut = base.columns.map { names.contains($0.name) && $0.shape[0] > length }
        columns = zip(base.columns, isCut).map { column, isCut in
            let rest = column.shape.dimensions.dropFirst()
            return isCut
                ? DataColumn(column.name, shape: Shape([length] + rest), elementType: column.elementType) : column
        }
    }

    var count: Int { base.count }
    var transformDepth: Int { base.transformDepth }

    func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        try copySamples(indices, in: .none, into: tensors)
    }

    func copySamples(_ indices: ArraySlice<Int>, in pass: SamplePass, into tensors: [Tensor]) throws {
        let sources = zip(base.columns, tensors).enumerated().map { place, pair in
            isCut[place]
                ? Tensor(zeros: Shape([indices.count] + pair.0.shape.dimensions), elementType: pair.0.elementType)
                : pair.1
        }
        try base.copySamples(indices, in: pass, into: sources)
        for place in tensors.indices where isCut[place] {
            let (size, whole) = (tensors[place].bytes.count / indices.count, sources[place].bytes.count / indices.count)
            for row in 0..<indices.count {
                tensors[place].bytes[row * size..<(row + 1) * size].copy(
                    from: sources[place].bytes[row * whole..<row * whole + size])
            }
        }
    }
}
