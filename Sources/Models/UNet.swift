public import Graphs
import LayerOperations
import Memory
public import Networks
import Tensors

/// A network from images to images of classes, [N, channels, H, W] → [N, classes, H, W]: down by halves and up again, each level
/// also seeing what the way down had there (Ronneberger et al., "U-Net", 2015).
///
/// Convolutions keep the size, and the way up enlarges by repeating. Height and width must be multiples of 2 to the number of levels
/// less one. With ``CrossEntropyLoss`` and labels [N, H, W] it learns to segment.
public final class UNet: Cell {
    let down: [UNetStage]
    let up: [UNetStage]
    let last: Conv2d
    private let pool = MaxPool2d(kernelSize: 2, stride: 2)

    /// Makes a network.
    ///
    /// - Parameters:
    ///   - width: The channels of the first level, which double from level to level.
    ///   - levels: How many sizes there are.
    public init(channels: Int = 1, classes: Int = 2, width: Int = 16, levels: Int = 4) {
        insist(levels >= 1 && width >= 1, "a U-Net has a level and a channel at least, not \(levels) and \(width)")
        let widths = (0..<levels).map { width << $0 }
        down = zip([channels] + widths, widths).map { UNetStage($0, $1) }
        up = widths.dropLast().map { UNetStage(3 * $0, $0) }
        last = Conv2d(width, classes, kernelSize: 1, hasBias: true)
    }

    /// See ``UNet``.
    public func construct(_ x: Symbol) -> Symbol {
        let factor = 1 << (down.count - 1)
        insist(
            x.shape.rank == 4 && x.shape[2] % factor == 0 && x.shape[3] % factor == 0,
            "a U-Net of \(down.count) levels takes images whose sides are multiples of \(factor), not \(x.type)")
        var seen: [Symbol] = []
        var stream = x
        for stage in down {
            stream = stage(seen.isEmpty ? stream : pool(stream))
            seen.append(stream)
        }
        for (stage, level) in zip(up, seen.dropLast()).reversed() {
            let enlarged = stream.resizedNearest(height: level.shape[2], width: level.shape[3])
            stream = stage(Symbol.concatenated([level, enlarged], axis: 1))
        }
        return last(stream)
    }
}

/// Two convolutions of 3 × 3 that keep the size, with ReLU behind each.
public final class UNetStage: Cell {
    let conv1: Conv2d
    let conv2: Conv2d

    /// Makes a stage.
    public init(_ inputs: Int, _ outputs: Int) {
        conv1 = Conv2d(inputs, outputs, kernelSize: 3, hasBias: true)
        conv2 = Conv2d(outputs, outputs, kernelSize: 3, hasBias: true)
    }

    /// See ``UNetStage``.
    public func construct(_ x: Symbol) -> Symbol { conv2(conv1(x).relu()).relu() }
}
