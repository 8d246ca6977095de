public import Graphs
public import LayerOperations
import Memory
import Tensors

/// A 2-D convolution of [N, C, H, W] (MindSpore's `nn.Conv2d`).
public final class Conv2d: Cell {
    /// [outputs, inputs / group, height, width]
    public let weight: Parameter

    /// [outputs], or nil.
    public let bias: Parameter?

    /// Stride, dilation, group, and the padding of ``PadMode/pad``.
    public let convolution: Convolution

    /// What lies around the images.
    public let padMode: PadMode

    /// Makes a layer of square windows; its parameters begin uniform within 1/√(inputs / group × window), as in MindSpore.
    ///
    /// - Parameters:
    ///   - padMode: By default ``PadMode/same``, as in MindSpore: with a stride of 1 images keep their size.
    ///   - padding: With ``PadMode/pad``, the zeros on all four sides.
    ///   - group: The parts that the channels are cut into; with as many as inputs the convolution is depthwise.
    ///   - hasBias: By default false, as in MindSpore.
    public convenience init(
        _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padMode: PadMode = .same, padding: Int = 0,
        dilation: Int = 1, group: Int = 1, hasBias: Bool = false, weightInit: Initializer? = nil
    ) {
        self.init(
            inputs, outputs, kernelSize: [kernelSize, kernelSize], stride: [stride, stride], padMode: padMode,
            padding: [padding, padding, padding, padding], dilation: [dilation, dilation], group: group,
            hasBias: hasBias, weightInit: weightInit)
    }

    /// Makes a layer with other settings down than across; padding is that at top, bottom, left and right.
    public init(
        _ inputs: Int, _ outputs: Int, kernelSize: [Int], stride: [Int] = [1, 1], padMode: PadMode = .same,
        padding: [Int] = [0, 0, 0, 0], dilation: [Int] = [1, 1], group: Int = 1, hasBias: Bool = false,
        weightInit: Initializer? = nil
    ) {
        insist(
            kernelSize.count == 2 && stride.count == 2 && dilation.count == 2 && padding.count == 4,
            "Conv2d: kernelSize \(kernelSize), stride \(stride) and dilation \(dilation) must be two numbers each, and "
                + "padding \(padding) four")
        padMode.check(padding: padding, of: "Conv2d")
        checkChannels(inputs, outputs, kernelSize.min() ?? 0, group, of: "Conv2d")
        let initializer = Initializer.heUniform(fanIn: inputs / group * kernelSize[0] * kernelSize[1])
        weight = Parameter(
            shape: [outputs, inputs / group, kernelSize[0], kernelSize[1]], initializer: weightInit ?? initializer)
        bias = hasBias ? Parameter(shape: [outputs], initializer: initializer) : nil
        convolution = Convolution(stride: stride, padding: padding, dilation: dilation, group: group)
        self.padMode = padMode
    }

    /// See ``Conv2d``.
    public func construct(_ x: Symbol) -> Symbol {
        var settings = convolution
        if x.shape.rank == 4 {
            settings.padding = padMode.paddings(
                around: [x.shape[2], x.shape[3]], kernel: [weight.shape[2], weight.shape[3]], stride: settings.stride,
                dilation: settings.dilation, padding: settings.padding)
        }
        return x.convolved(with: x.trace.symbol(for: weight), settings).adding(bias)
    }
}
