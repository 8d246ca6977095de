public import Collectives
import Memory
import Tensors

/// (x − mean) / std, of each channel of pictures [channels, …], or of each number of a row (MindSpore's
/// `vision.Normalize`).
public struct Normalize: SampleTransform {
    let mean: [Float]
    let std: [Float]

    /// One number a channel.
    public init(mean: [Float], std: [Float]) {
        insist(
            mean.count == std.count && !mean.isEmpty,
            "\(mean.count) means and \(std.count) deviations cannot normalise; each channel needs one of both")
        insist(std.allSatisfy { $0 > 0 }, "the deviations \(std) must be above 0")
        (self.mean, self.std) = (mean, std)
    }

    /// That of a column of some samples, so that it gets a mean of 0 and a deviation of 1. Numbers that are all alike stay
    /// where they are but for their mean. All ranks of `world` call it together.
    ///
    /// - Throws: `DataError` if there is no such column, or it has no numbers; what reading the samples throws.
    public init(
        of samples: any Dataset, column name: String, sharedBy world: any Communicator = SoloCommunicator()
    ) throws {
        let statistics = try world.together { try Self.statistics(of: samples, name) }
        self.init(mean: statistics.map(\.average), std: statistics.map(\.spread))
    }

    private static func statistics(of samples: any Dataset, _ name: String) throws -> [Statistics] {
        guard let place = samples.columns.firstIndex(where: { $0.name == name && $0.elementType == .float32 }),
            samples.columns[place].shape.rank > 0
        else { throw DataError.mismatch("the dataset has no float32 column '\(name)' with a dimension") }
        let shape = samples.columns[place].shape
        guard shape.elementCount > 0 else {
            throw DataError.mismatch(
                "the column '\(name)' is \(shape), which has no numbers to take a mean of; each size must be 1 or more")
        }
        var statistics = [Statistics](repeating: Statistics(), count: shape[0])
        for start in stride(from: 0, to: samples.count, by: 256) {
            let tensor = try samples.samples(Array(start..<min(start + 256, samples.count)))[place]
            for row in 0..<tensor.shape[0] {
                let values = tensor.values(ofRow: row).numbers
                let size = values.count / statistics.count
                for (index, value) in values.enumerated() { statistics[index / size].add(Double(value)) }
            }
        }
        return statistics
    }

    /// With its settings.
    public var description: String { "Normalize(\(mean), \(std))" }

    /// The same.
    public func result(of column: DataColumn) throws(DataError) -> DataColumn {
        guard column.elementType == .float32, column.shape.rank > 0, column.shape[0] == mean.count else {
            throw .mismatch(
                "\(self) takes float32 with \(mean.count) channels in dimension 0, and the column '\(column.name)' is "
                    + "\(column.elementType) \(column.shape)")
        }
        return column
    }

    /// Normalises.
    public func apply(_ sample: SampleValues, _ random: SampleRandom) -> SampleValues {
        var result = sample
        let size = max(sample.numbers.count / mean.count, 1)
        for index in result.numbers.indices {
            result.numbers[index] = (result.numbers[index] - mean[index / size]) / std[index / size]
        }
        return result
    }
}

/// Mean and deviation of numbers that come one by one (Welford, 1962).
private struct Statistics {
    private var count = 0.0
    private var mean = 0.0
    private var squares = 0.0

    mutating func add(_ value: Double) {
        count += 1
        let distance = value - mean
        mean += distance / count
        squares += distance * (value - mean)
    }

    var average: Float { Float(mean) }

    var spread: Float {
        let deviation = Float((squares / max(count, 1)).squareRoot())
        return deviation > 0 ? deviation : 1
    }
}

/// x · factor + shift (MindSpore's `vision.Rescale`).
public struct Rescale: SampleTransform {
    let factor: Float
    let shift: Float

    /// Names the two.
    public init(_ factor: Float, shift: Float = 0) { (self.factor, self.shift) = (factor, shift) }

    /// With its settings.
    public var description: String { "Rescale(\(factor), \(shift))" }

    /// The same.
    public func result(of column: DataColumn) throws(DataError) -> DataColumn {
        guard column.elementType == .float32 else {
            throw .mismatch("\(self) takes float32, and the column '\(column.name)' is \(column.elementType)")
        }
        return column
    }

    /// Scales.
    public func apply(_ sample: SampleValues, _ random: SampleRandom) -> SampleValues {
        var result = sample
        for index in result.numbers.indices { result.numbers[index] = result.numbers[index] * factor + shift }
        return result
    }
}

/// A class number as a row with a 1 at its place (MindSpore's `transforms.OneHot`); with `smoothing`, that much is shared evenly
/// among all classes.
public struct OneHot: SampleTransform {
    let classes: Int
    let smoothing: Float

    /// Names the number of classes.
    public init(_ classes: Int, smoothing: Float = 0) {
        insist(classes > 0, "there cannot be \(classes) classes")
        insist(0...1 ~= smoothing, "a smoothing cannot be \(smoothing); it is from 0 to 1")
        (self.classes, self.smoothing) = (classes, smoothing)
    }

    /// With its settings.
    public var description: String { "OneHot(\(classes), smoothing \(smoothing))" }

    /// float32 with one dimension more.
    public func result(of column: DataColumn) throws(DataError) -> DataColumn {
        guard column.elementType == .int32 else {
            throw .mismatch("\(self) takes int32, and the column '\(column.name)' is \(column.elementType)")
        }
        return DataColumn(column.name, shape: Shape(column.shape.dimensions + [classes]), elementType: .float32)
    }

    /// Makes the rows.
    ///
    /// - Throws: `DataError` for a class that is none.
    public func apply(_ sample: SampleValues, _ random: SampleRandom) throws(DataError) -> SampleValues {
        let rest = smoothing / Float(classes)
        var result = SampleValues(shape: Shape(sample.shape.dimensions + [classes]))
        for label in sample.integers {
            guard 0..<Int32(classes) ~= label else {
                throw .mismatch("\(label) is none of \(classes) classes, 0 to \(classes - 1)")
            }
            for place in 0..<Int32(classes) { result.numbers.append(rest + (place == label ? 1 - smoothing : 0)) }
        }
        return result
    }
}
