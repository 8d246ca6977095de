import Files
import Memory
import Tensors

extension Dataset {
    /// The number of samples and a checksum of every k-th one, about `fingerprintByteCount` bytes in all.
    public func fingerprint() throws -> String { try fingerprintOfSamples() }

    /// The same for a dataset that has more to say.
    func fingerprintOfSamples() throws -> String {
        let chunks = fingerprintSamples
        let first = try checksum(of: chunks.prefix(1))
        // What is drawn anew each time it is read cannot be compared.
        guard try checksum(of: chunks.prefix(1)) == first else { return "\(count) samples, drawn anew each time" }
        return "\(count) samples (\(try checksum(of: chunks[...])))"
    }

    /// How many bytes of samples a fingerprint looks at: so few that it takes a moment, even where each is read from a disk.
    private var fingerprintByteCount: Int { 8 << 20 }

    /// The numbers of every k-th sample and of the last, in pieces.
    private var fingerprintSamples: [ArraySlice<Int>] {
        let byteCount = columns.reduce(0) { $0 + $1.shape.elementCount * $1.elementType.byteCount }
        let wanted = min(max(fingerprintByteCount / max(byteCount, 1), 256), count)
        let samples = Array(stride(from: 0, to: count, by: (count + wanted - 1) / wanted)) + [count - 1]
        return stride(from: 0, to: samples.count, by: 64).map { samples[$0..<min($0 + 64, samples.count)] }
    }

    private func checksum(of chunks: ArraySlice<ArraySlice<Int>>) throws -> String {
        var checksum = Checksum()
        for column in columns {
            checksum.update(Array("\(column.name) \(column.elementType)\(column.shape) ".utf8).span)
        }
        for samples in chunks {
            let tensors = columns.map { column in
                Tensor(zeros: Shape([samples.count] + column.shape.dimensions), elementType: column.elementType)
            }
            try copySamples(samples, into: tensors)
            for tensor in tensors { checksum.update(tensor.bytes.span) }
        }
        return checksum.hexadecimal
    }
}

extension Checksum {
    /// That of whole numbers, the lowest byte of each first.
    init(ofBits numbers: [some FixedWidthInteger]) {
        self.init()
        for start in stride(from: 0, to: numbers.count, by: 4096) {
            let bytes = numbers[start..<min(start + 4096, numbers.count)].flatMap { number in
                stride(from: 0, to: number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
            }
            update(bytes.span)
        }
    }
}
