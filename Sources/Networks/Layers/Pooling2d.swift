public import Graphs
public import LayerOperations
import Memory
import Tensors

/// The maximum over windows of [N, C, H, W] (MindSpore's `nn.MaxPool2d`).
public final class MaxPool2d: Cell {
    /// Window, stride, and the padding of ``PadMode/pad``.
    public let pooling: Pooling

    /// What lies around the images; it never wins.
    public let padMode: PadMode

    /// Makes a layer of square windows; by default they stay inside the image, as in MindSpore. `padding` is at most half a
    /// window.
    public convenience init(kernelSize: Int = 1, stride: Int = 1, padMode: PadMode = .valid, padding: Int = 0) {
        self.init(
            kernelSize: [kernelSize, kernelSize], stride: [stride, stride], padMode: padMode,
            padding: [padding, padding])
    }

    /// Makes a layer with other settings down than across.
    public init(kernelSize: [Int], stride: [Int], padMode: PadMode = .valid, padding: [Int] = [0, 0]) {
        pooling = makePooling(kernelSize, stride, padMode, padding, of: "MaxPool2d")
        self.padMode = padMode
    }

    /// See ``MaxPool2d``.
    public func construct(_ x: Symbol) -> Symbol { x.maxPooled(padMode.settings(pooling, for: x)) }
}

/// The mean over windows of [N, C, H, W] (MindSpore's `nn.AvgPool2d`).
public final class AvgPool2d: Cell {
    /// Window, stride, and the padding of ``PadMode/pad``.
    public let pooling: Pooling

    /// What lies around the images.
    public let padMode: PadMode

    /// Whether the padding of ``PadMode/pad`` counts as zeros; that of ``PadMode/same`` never does, as in MindSpore.
    public let countIncludePad: Bool

    /// Makes a layer of square windows; by default they stay inside the image, as in MindSpore. `padding` is at most half a
    /// window.
    public convenience init(
        kernelSize: Int = 1, stride: Int = 1, padMode: PadMode = .valid, padding: Int = 0, countIncludePad: Bool = true
    ) {
        self.init(
            kernelSize: [kernelSize, kernelSize], stride: [stride, stride], padMode: padMode,
            padding: [padding, padding], countIncludePad: countIncludePad)
    }

    /// Makes a layer with other settings down than across.
    public init(
        kernelSize: [Int], stride: [Int], padMode: PadMode = .valid, padding: [Int] = [0, 0],
        countIncludePad: Bool = true
    ) {
        pooling = makePooling(kernelSize, stride, padMode, padding, of: "AvgPool2d")
        self.padMode = padMode
        self.countIncludePad = countIncludePad
    }

    /// See ``AvgPool2d``.
    public func construct(_ x: Symbol) -> Symbol {
        let settings = padMode.settings(pooling, for: x)
        return x.averagePooled(.windows(settings, countsPadding: padMode == .pad && countIncludePad))
    }
}

/// The mean over windows that divide [N, C, H, W] into an image of a size of your choice (MindSpore's
/// `nn.AdaptiveAvgPool2d`).
public final class AdaptiveAvgPool2d: Cell {
    private let height: Int?
    private let width: Int?

    /// Makes a layer whose results are squares.
    public convenience init(_ outputSize: Int) { self.init(outputSize, outputSize) }

    /// Makes a layer; where a size is nil, that of the input stays.
    public init(_ height: Int?, _ width: Int?) {
        insist(
            [height, width].allSatisfy { $0.map { $0 >= 1 } ?? true },
            "AdaptiveAvgPool2d: the output is \(height ?? -1) × \(width ?? -1); both sizes must be 1 or more")
        self.height = height
        self.width = width
    }

    /// See ``AdaptiveAvgPool2d``.
    public func construct(_ x: Symbol) -> Symbol {
        insist(x.shape.rank == 4, "AdaptiveAvgPool2d needs [N, C, H, W], not \(x.type)")
        return x.averagePooled(.adaptive(height: height ?? x.shape[2], width: width ?? x.shape[3]))
    }
}

extension PadMode {
    /// The settings for images.
    fileprivate func settings(_ pooling: Pooling, for x: Symbol) -> Pooling {
        guard x.shape.rank == 4 else { return pooling }
        var settings = pooling
        settings.padding = paddings(
            around: [x.shape[2], x.shape[3]], kernel: pooling.kernel, stride: pooling.stride,
            padding: pooling.padding)
        return settings
    }
}

private func makePooling(
    _ kernelSize: [Int], _ stride: [Int], _ padMode: PadMode, _ padding: [Int], of layer: String
) -> Pooling {
    insist(
        kernelSize.count == 2 && stride.count == 2 && padding.count == 2,
        "\(layer): kernelSize \(kernelSize), stride \(stride) and padding \(padding) must be two numbers each")
    padMode.check(padding: padding, of: layer)
    insist(
        zip(padding, kernelSize).allSatisfy { 2 * $0 <= $1 },
        "\(layer): padding is \(padding); it must be half of kernelSize, which is \(kernelSize), at most")
    return Pooling(kernel: kernelSize, stride: stride, padding: padding.flatMap { [$0, $0] })
}
