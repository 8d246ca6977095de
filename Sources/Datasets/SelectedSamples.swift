import Files
import Memory
public import Tensors

/// Some samples of a dataset, such as the nine tenths to train on.
public struct SelectedSamples: Dataset {
    private let base: any Dataset
    private let indices: [Int]

    init(_ base: any Dataset, _ indices: [Int]) {
        for index in indices { insist(0..<base.count ~= index, "sample \(index) is none of \(base.count)") }
        self.base = base
        self.indices = indices
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SelectedSamples {
    public var columns: [DataColumn] { base.columns }
    public var count: Int { indices.count }
    public var transformDepth: Int { base.transformDepth }
    public var residentByteCount: Int { base.residentByteCount + indices.count * MemoryLayout<Int>.stride }

    /// That of all, with a checksum of the numbers that are selected.
    public func fingerprint() throws -> String {
        "\(count) of \(try base.fingerprint()) by numbers \(Checksum(ofBits: indices).hexadecimal)"
    }

    public func copySamples(_ wanted: ArraySlice<Int>, into tensors: [Tensor]) throws {
        try base.copySamples(wanted.map { indices[$0] }[...], into: tensors)
    }

    public func copySamples(_ wanted: ArraySlice<Int>, in pass: SamplePass, into tensors: [Tensor]) throws {
        try base.copySamples(wanted.map { indices[$0] }[...], in: pass, into: tensors)
    }
}

extension Dataset {
    /// The samples with these numbers, in this order.
    public func selected(_ indices: some Sequence<Int>) -> SelectedSamples { SelectedSamples(self, Array(indices)) }

    /// Two parts: of `every` samples one to test with, the others to train on.
    public func split(testing every: Int) -> (train: SelectedSamples, test: SelectedSamples) {
        insist(every > 1, "one of \(every) samples cannot be split off; it is one of 2 or more")
        return (
            selected((0..<count).filter { $0 % every != every - 1 }),
            selected((0..<count).filter { $0 % every == every - 1 })
        )
    }
}
