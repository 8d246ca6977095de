import Memory
import Tensors

/// Cuts a part of a picture at random, with `padding` pixels of `fill` around it before (MindSpore's `vision.RandomCrop`).
public struct RandomCrop: SampleTransform {
    let height: Int
    let width: Int
    let padding: Int
    let fill: Float

    /// Cuts squares.
    public init(_ size: Int, padding: Int = 0, fill: Float = 0) {
        self.init(height: size, width: size, padding: padding, fill: fill)
    }

    /// Cuts rectangles.
    public init(height: Int, width: Int, padding: Int = 0, fill: Float = 0) {
        insist(
            height > 0 && width > 0 && padding >= 0, "a crop cannot be \(height)×\(width) with a padding of \(padding)")
        (self.height, self.width, self.padding, self.fill) = (height, width, padding, fill)
    }

    /// With its settings.
    public var description: String { "RandomCrop(\(height)×\(width), padding \(padding) of \(fill))" }

    /// A picture of the size of the crop.
    public func result(of column: DataColumn) throws(DataError) -> DataColumn {
        let size = try pictureSize(of: column)
        guard height <= size.height + 2 * padding, width <= size.width + 2 * padding else {
            throw .mismatch("\(self) is larger than the pictures of '\(column.name)', \(column.shape)")
        }
        return DataColumn(column.name, shape: [size.channels, height, width], elementType: .float32)
    }

    /// Cuts at a place that the first numbers say.
    public func apply(_ sample: SampleValues, _ random: SampleRandom) -> SampleValues {
        let top = random.integer(below: sample.shape[1] + 2 * padding - height + 1, 0) - padding
        let left = random.integer(below: sample.shape[2] + 2 * padding - width + 1, 2) - padding
        return sample.window(top: top, left: left, height: height, width: width, fill: fill)
    }
}

/// Cuts the middle of a picture (MindSpore's `vision.CenterCrop`).
public struct CenterCrop: SampleTransform {
    let height: Int
    let width: Int

    /// Cuts squares.
    public init(_ size: Int) {
        insist(size > 0, "a crop cannot be \(size) pixels wide")
        (height, width) = (size, size)
    }

    /// With its settings.
    public var description: String { "CenterCrop(\(height)×\(width))" }

    /// A picture of the size of the crop.
    public func result(of column: DataColumn) throws(DataError) -> DataColumn {
        let size = try pictureSize(of: column)
        return DataColumn(column.name, shape: [size.channels, height, width], elementType: .float32)
    }

    /// Cuts; what lies beyond the picture is 0.
    public func apply(_ sample: SampleValues, _ random: SampleRandom) -> SampleValues {
        let (top, left) = ((sample.shape[1] - height) / 2, (sample.shape[2] - width) / 2)
        return sample.window(top: top, left: left, height: height, width: width, fill: 0)
    }
}

/// Turns a picture left to right with some probability (MindSpore's `vision.RandomHorizontalFlip`).
public struct RandomHorizontalFlip: SampleTransform {
    let prob: Float

    /// By default every second picture.
    public init(prob: Float = 0.5) {
        insist(0...1 ~= prob, "a probability cannot be \(prob); it is from 0 to 1")
        self.prob = prob
    }

    /// With its settings.
    public var description: String { "RandomHorizontalFlip(\(prob))" }

    /// The same.
    public func result(of column: DataColumn) throws(DataError) -> DataColumn {
        _ = try pictureSize(of: column)
        return column
    }

    /// Turns if the first number says so.
    public func apply(_ sample: SampleValues, _ random: SampleRandom) -> SampleValues {
        guard random.uniform(0) < prob else { return sample }
        let width = sample.shape[2]
        var result = sample
        for start in stride(from: 0, to: sample.numbers.count, by: width) {
            for column in 0..<width { result.numbers[start + column] = sample.numbers[start + width - 1 - column] }
        }
        return result
    }
}

/// Brings pictures to a size (MindSpore's `vision.Resize`, bilinear): pixel centres lie at halves, edges are clamped, and of the
/// source the four nearest pixels count.
public struct Resize: SampleTransform {
    let height: Int
    let width: Int

    /// Names the size.
    public init(height: Int, width: Int) {
        insist(height > 0 && width > 0, "a picture cannot be \(height)×\(width)")
        (self.height, self.width) = (height, width)
    }

    /// With its settings.
    public var description: String { "Resize(\(height)×\(width))" }

    /// A picture of that size.
    public func result(of column: DataColumn) throws(DataError) -> DataColumn {
        let size = try pictureSize(of: column)
        return DataColumn(column.name, shape: [size.channels, height, width], elementType: .float32)
    }

    /// Brings a picture to the size.
    public func apply(_ sample: SampleValues, _ random: SampleRandom) -> SampleValues { resized(sample) }

    func resized(_ sample: SampleValues) -> SampleValues {
        let (channels, fromHeight, fromWidth) = (sample.shape[0], sample.shape[1], sample.shape[2])
        guard fromHeight != height || fromWidth != width else { return sample }
        let rows = (0..<height).map { Neighbours(of: $0, of: height, in: fromHeight) }
        let columns = (0..<width).map { Neighbours(of: $0, of: width, in: fromWidth) }
        var result = SampleValues(shape: [channels, height, width])
        result.numbers.reserveCapacity(channels * height * width)
        for channel in 0..<channels {
            for row in rows {
                let low = (channel * fromHeight + row.low) * fromWidth
                let high = (channel * fromHeight + row.high) * fromWidth
                for column in columns {
                    let upper = column.mix(sample.numbers[low + column.low], sample.numbers[low + column.high])
                    let lower = column.mix(sample.numbers[high + column.low], sample.numbers[high + column.high])
                    result.numbers.append(row.mix(upper, lower))
                }
            }
        }
        return result
    }
}

extension Neighbours {
    /// What lies between two numbers of theirs.
    fileprivate func mix(_ a: Float, _ b: Float) -> Float { a * (1 - weight) + b * weight }
}

extension SampleValues {
    /// A part of a picture, which may reach beyond it.
    func window(top: Int, left: Int, height: Int, width: Int, fill: Float) -> SampleValues {
        var result = SampleValues(shape: [shape[0], height, width])
        result.numbers.reserveCapacity(shape[0] * height * width)
        for channel in 0..<shape[0] {
            for row in top..<top + height {
                for column in left..<left + width {
                    let isInside = 0..<shape[1] ~= row && 0..<shape[2] ~= column
                    result.numbers.append(isInside ? numbers[(channel * shape[1] + row) * shape[2] + column] : fill)
                }
            }
        }
        return result
    }
}
