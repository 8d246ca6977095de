public import Graphs
import Memory
public import Networks
import Tensors

/// A residual network for images [N, channels, H, W] (He et al., "Deep Residual Learning for Image Recognition", 2015), its
/// parameters named as MindCV's.
///
/// ```swift
/// let network = ResNet(.resNet18, classes: 10, stem: .small)
/// ```
public final class ResNet: Cell {
    /// Which of the paper's networks.
    public enum Depth: Int, Sendable, CaseIterable {
        case resNet18 = 18
        case resNet34 = 34
        case resNet50 = 50
    }

    let conv1: Conv2d
    let bn1: BatchNorm
    let layer1: SequentialCell
    let layer2: SequentialCell
    let layer3: SequentialCell
    let layer4: SequentialCell
    let classifier: Dense
    private let maxPool: MaxPool2d?
    private let pool = AdaptiveAvgPool2d(1)
    private let flatten = Flatten()

    /// Makes a network that tells `classes` kinds of images apart.
    ///
    /// - Parameters:
    ///   - stem: With ``ImageStem/small`` windows of 3 × 3 and nothing that shrinks; else windows of 7 × 7 and a pooling, which make
    ///     the sides a quarter.
    ///   - width: The channels of the first blocks; 64 in the paper.
    ///   - synchronized: Whether batches are normalised over all ranks together, by ``SyncBatchNorm``.
    public init(
        _ depth: Depth, classes: Int, channels: Int = 3, stem: ImageStem = .large, width: Int = 64,
        synchronized: Bool = false
    ) {
        let makeNorm = { BatchNorm.ofImages($0, synchronized: synchronized) }
        let (window, stride) = stem == .small ? (3, 1) : (7, 2)
        conv1 = .residual(channels, width, kernelSize: window, stride: stride)
        bn1 = makeNorm(width)
        maxPool = stem == .small ? nil : MaxPool2d(kernelSize: 3, stride: 2, padMode: .pad, padding: 1)
        var inputs = width
        let stages = depth.blockCounts.enumerated().map { stage, count -> SequentialCell in
            let blocks = (0..<count).map { block -> any Cell in
                let stride = block == 0 && stage > 0 ? 2 : 1
                let cell = ResidualBlock(
                    inputs, width << stage, stride: stride, isBottleneck: depth == .resNet50, makeNorm: makeNorm)
                inputs = cell.outputs
                return cell
            }
            return SequentialCell(blocks)
        }
        (layer1, layer2, layer3, layer4) = (stages[0], stages[1], stages[2], stages[3])
        classifier = Dense(inputs, classes)
    }

    /// Logits [N, classes].
    public func construct(_ x: Symbol) -> Symbol {
        let begun = bn1(conv1(x)).relu()
        let small = maxPool.map { $0(begun) } ?? begun
        return classifier(flatten(pool(layer4(layer3(layer2(layer1(small)))))))
    }
}

extension ResNet.Depth {
    /// The blocks of each stage, by the paper's table 1.
    var blockCounts: [Int] {
        switch self {
        case .resNet18: [2, 2, 2, 2]
        case .resNet34, .resNet50: [3, 4, 6, 3]
        }
    }
}

/// Two convolutions of 3 × 3, or one between two of 1 × 1 that make the channels fewer and more again; what came in is added
/// to what comes out.
final class ResidualBlock: Cell {
    /// The channels of the result.
    let outputs: Int

    private let convolutions: [Conv2d]
    private let norms: [BatchNorm]
    private let downSample: SequentialCell?

    init(_ inputs: Int, _ width: Int, stride: Int, isBottleneck: Bool, makeNorm: (Int) -> BatchNorm) {
        outputs = isBottleneck ? 4 * width : width
        convolutions =
            isBottleneck
            ? [
                .residual(inputs, width, kernelSize: 1), .residual(width, width, kernelSize: 3, stride: stride),
                .residual(width, outputs, kernelSize: 1),
            ]
            : [
                .residual(inputs, width, kernelSize: 3, stride: stride), .residual(width, width, kernelSize: 3),
            ]
        norms = convolutions.map { makeNorm($0.weight.shape[0]) }
        downSample =
            stride == 1 && inputs == outputs
            ? nil
            : SequentialCell(Conv2d.residual(inputs, outputs, kernelSize: 1, stride: stride), makeNorm(outputs))
    }

    func construct(_ x: Symbol) -> Symbol {
        var result = x
        for (index, (convolution, norm)) in zip(convolutions, norms).enumerated() {
            result = norm(convolution(result))
            if index < norms.count - 1 { result = result.relu() }
        }
        return (result + (downSample?(x) ?? x)).relu()
    }

    /// The parts under MindCV's names: `conv1`, `bn1`, `conv2`, …, `down_sample`.
    var members: [(name: String, value: Any)] {
        let pairs = zip(convolutions, norms).enumerated().flatMap { index, pair -> [(name: String, value: Any)] in
            [("conv\(index + 1)", pair.0), ("bn\(index + 1)", pair.1)]
        }
        return pairs + (downSample.map { [("down_sample", $0)] } ?? [])
    }
}

extension Conv2d {
    /// A convolution that keeps the size of images but for its stride, without a bias, and begins as the paper's: normal, by
    /// what goes out of it (He et al., "Delving Deep into Rectifiers", 2015).
    fileprivate static func residual(_ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1) -> Conv2d {
        let deviation = (2 / Float(outputs * kernelSize * kernelSize)).squareRoot()
        return Conv2d(
            inputs, outputs, kernelSize: kernelSize, stride: stride, padMode: .pad, padding: kernelSize / 2,
            weightInit: .normal(deviation: deviation))
    }
}
