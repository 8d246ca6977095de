public import Graphs
import Memory
public import Networks
import Tensors

/// A network of inverted residuals for images [N, channels, H, W] (Sandler et al., "MobileNetV2", 2018), its parameters named as
/// MindCV's.
public final class MobileNetV2: Cell {
    let features: SequentialCell
    let classifier: SequentialCell

    /// The paper's table 2: how much wider a block is inside, its channels, how often it comes, and the stride of the first.
    private static let stages: [(expansion: Int, channels: Int, count: Int, stride: Int)] = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
        (6, 160, 3, 2), (6, 320, 1, 1),
    ]

    /// Makes a network that tells `classes` kinds of images apart.
    ///
    /// - Parameters:
    ///   - stem: With ``ImageStem/small`` neither the first convolution nor the second stage shrinks.
    ///   - width: What all numbers of channels are multiplied by, to be rounded to eights.
    ///   - dropout: The share of elements dropped before the last layer in training.
    ///   - synchronized: Whether batches are normalised over all ranks together, by ``SyncBatchNorm``.
    public init(
        classes: Int, channels: Int = 3, stem: ImageStem = .large, width: Double = 1, dropout: Float = 0.2,
        synchronized: Bool = false
    ) {
        insist(width > 0 && width <= 16, "MobileNetV2 needs a width above 0 and up to 16, not \(width)")
        var inputs = Self.rounded(32 * width)
        let convolution = NormalizedConvolution(synchronized: synchronized)
        var cells = convolution.cells(channels, inputs, size: 3, stride: stem == .small ? 1 : 2)
        for (number, stage) in Self.stages.enumerated() {
            let outputs = Self.rounded(Double(stage.channels) * width)
            let stride = stem == .small && number == 1 ? 1 : stage.stride
            for block in 0..<stage.count {
                cells.append(
                    InvertedResidual(
                        inputs, outputs, expansion: stage.expansion, stride: block == 0 ? stride : 1, convolution))
                inputs = outputs
            }
        }
        let last = Self.rounded(1280 * max(1, width))
        features = SequentialCell(cells + convolution.cells(inputs, last, size: 1))
        classifier = SequentialCell(Dropout(p: dropout), Dense(last, classes))
    }

    /// Logits [N, classes].
    public func construct(_ x: Symbol) -> Symbol { classifier(Flatten()(AdaptiveAvgPool2d(1)(features(x)))) }

    /// The nearest multiple of 8 that is no more than a tenth less, and 8 at least.
    private static func rounded(_ channels: Double) -> Int {
        let near = max(8, Int(channels + 4) / 8 * 8)
        return Double(near) < 0.9 * channels ? near + 8 : near
    }
}

/// A convolution that keeps the size of images but for its stride, normalised and cut off below 0 and above 6.
struct NormalizedConvolution {
    let synchronized: Bool

    func cells(_ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, group: Int = 1) -> [any Cell] {
        let deviation = (2 / Float(outputs / group * size * size)).squareRoot()
        return [
            Conv2d(
                inputs, outputs, kernelSize: size, stride: stride, padMode: .pad, padding: size / 2, group: group,
                weightInit: .normal(deviation: deviation)),
            BatchNorm.ofImages(outputs, synchronized: synchronized), ReLU6(),
        ]
    }
}

/// A convolution of 1 × 1 that makes images wide, one of 3 × 3 a channel, and one of 1 × 1 that makes them narrow again; what came
/// in is added where it fits.
final class InvertedResidual: Cell {
    let layers: SequentialCell
    private let isResidual: Bool

    init(
        _ inputs: Int, _ outputs: Int, expansion: Int, stride: Int, _ convolution: NormalizedConvolution
    ) {
        let hidden = inputs * expansion
        let wide = expansion == 1 ? [] : convolution.cells(inputs, hidden, size: 1)
        let depthwise = convolution.cells(hidden, hidden, size: 3, stride: stride, group: hidden)
        // Nothing is cut off where there are few channels: the paper's linear bottleneck.
        let narrow = convolution.cells(hidden, outputs, size: 1).dropLast()
        layers = SequentialCell(wide + depthwise + narrow)
        isResidual = stride == 1 && inputs == outputs
    }

    func construct(_ x: Symbol) -> Symbol { isResidual ? x + layers(x) : layers(x) }
}
