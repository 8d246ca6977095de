import Glibc
import Memory
import Tensors

/// Cuts a part of a picture of random size and shape, and brings it to a size (MindSpore's `vision.RandomResizedCrop`, bilinear;
/// Szegedy et al., 2015).
public struct RandomResizedCrop: SampleTransform {
    let height: Int
    let width: Int
    let scale: ClosedRange<Float>
    let ratio: ClosedRange<Float>

    /// How often a part is drawn, until one lies in the picture; then the middle is taken (`max_attempts`).
    private static let attempts = 10

    /// Makes squares.
    public init(_ size: Int, scale: ClosedRange<Float> = 0.08...1, ratio: ClosedRange<Float> = 3 / 4...4 / 3) {
        self.init(height: size, width: size, scale: scale, ratio: ratio)
    }

    /// Makes rectangles.
    ///
    /// - Parameters:
    ///   - scale: The share of the picture that a part has, above 0 and up to 1.
    ///   - ratio: How many times as wide as high a part is, before it is brought to the size; from 0.001 to 1000.
    public init(
        height: Int, width: Int, scale: ClosedRange<Float> = 0.08...1, ratio: ClosedRange<Float> = 3 / 4...4 / 3
    ) {
        insist(height > 0 && width > 0, "a crop cannot be \(height)×\(width)")
        insist(scale.lowerBound > 0 && scale.upperBound <= 1, "a crop has a share from above 0 to 1, not \(scale)")
        insist(
            ratio.lowerBound >= 1e-3 && ratio.upperBound <= 1e3,
            "a crop is from 0.001 to 1000 times as wide as high, not \(ratio)")
        (self.height, self.width, self.scale, self.ratio) = (height, width, scale, ratio)
    }

    /// With its settings.
    public var description: String { "RandomResizedCrop(\(height)×\(width), scale \(scale), ratio \(ratio))" }

    /// A picture of that size.
    public func result(of column: DataColumn) throws(DataError) -> DataColumn {
        let size = try pictureSize(of: column)
        return DataColumn(column.name, shape: [size.channels, height, width], elementType: .float32)
    }

    /// Cuts a part that the first numbers say, and brings it to the size.
    public func apply(_ sample: SampleValues, _ random: SampleRandom) -> SampleValues {
        Resize(height: height, width: width).resized(part(of: sample, random))
    }

    private func part(of sample: SampleValues, _ random: SampleRandom) -> SampleValues {
        let (rows, columns) = (sample.shape[1], sample.shape[2])
        let logarithms = (log(ratio.lowerBound), log(ratio.upperBound))
        for first in stride(from: 0, to: 6 * Self.attempts, by: 6) {
            let area = Float(rows * columns) * scale.value(at: random.uniform(first))
            let shape = exp((logarithms.0...logarithms.1).value(at: random.uniform(first + 1)))
            let height = Int((area / shape).squareRoot().rounded())
            let width = Int((area * shape).squareRoot().rounded())
            guard 1...rows ~= height, 1...columns ~= width else { continue }
            return sample.window(
                top: random.integer(below: rows - height + 1, first + 2),
                left: random.integer(below: columns - width + 1, first + 4), height: height, width: width, fill: 0)
        }
        return sample.middle(min(max(Float(columns) / Float(rows), ratio.lowerBound), ratio.upperBound))
    }
}

extension ClosedRange<Float> {
    fileprivate func value(at share: Float) -> Float { lowerBound + (upperBound - lowerBound) * share }
}

extension SampleValues {
    /// The largest part in the middle of a picture that is so many times as wide as high.
    func middle(_ ratio: Float) -> SampleValues {
        let (rows, columns) = (shape[1], shape[2])
        let height = min(rows, max(1, Int((Float(columns) / ratio).rounded())))
        let width = min(columns, max(1, Int((Float(rows) * ratio).rounded())))
        guard height < rows || width < columns else { return self }
        return window(top: (rows - height) / 2, left: (columns - width) / 2, height: height, width: width, fill: 0)
    }
}
