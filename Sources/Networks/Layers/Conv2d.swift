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

/// A 1-D convolution of [N, C, L] (MindSpore's `nn.Conv1d`).
public final class Conv1d: Cell {
    /// [outputs, inputs / group, 1, length], as in MindSpore's checkpoints.
    public let weight: Parameter

    /// [outputs], or nil.
    public let bias: Parameter?

    private let convolution: Convolution
    private let padMode: PadMode
    private let kernel: [Int]

    /// Makes a layer; see ``Conv2d``.
    public init(
        _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padMode: PadMode = .same, padding: Int = 0,
        dilation: Int = 1, group: Int = 1, hasBias: Bool = false, weightInit: Initializer? = nil
    ) {
        padMode.check(padding: [padding], of: "Conv1d")
        checkChannels(inputs, outputs, kernelSize, group, of: "Conv1d")
        let initializer = Initializer.heUniform(fanIn: inputs / group * kernelSize)
        weight = Parameter(shape: [outputs, inputs / group, 1, kernelSize], initializer: weightInit ?? initializer)
        bias = hasBias ? Parameter(shape: [outputs], initializer: initializer) : nil
        convolution = Convolution(
            stride: [1, stride], padding: [0, 0, padding, padding], dilation: [1, dilation], group: group)
        self.padMode = padMode
        kernel = [1, kernelSize]
    }

    /// See ``Conv1d``.
    public func construct(_ x: Symbol) -> Symbol {
        insist(x.shape.rank == 3, "Conv1d needs [N, C, L], not \(x.type)")
        var settings = convolution
        settings.padding = padMode.paddings(
            around: [1, x.shape[2]], kernel: kernel, stride: settings.stride, dilation: settings.dilation,
            padding: settings.padding)
        let result = x.reshaped(to: [x.shape[0], x.shape[1], 1, x.shape[2]])
            .convolved(with: x.trace.symbol(for: weight), settings).adding(bias)
        return result.reshaped(to: [result.shape[0], result.shape[1], result.shape[3]])
    }
}

/// A 2-D transposed convolution of [N, C, H, W], which makes images larger by its stride (MindSpore's `nn.Conv2dTranspose`).
///
/// It does to an image what the gradient of a ``Conv2d`` of the same settings does to that of its output.
public final class Conv2dTranspose: Cell {
    /// [inputs, outputs / group, height, width]
    public let weight: Parameter

    /// [outputs], or nil.
    public let bias: Parameter?

    private let convolution: Convolution
    private let padMode: PadMode
    private let kernel: Int
    private let outputs: Int

    /// Makes a layer; see ``Conv2d``.
    public init(
        _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padMode: PadMode = .same, padding: Int = 0,
        dilation: Int = 1, group: Int = 1, hasBias: Bool = false, weightInit: Initializer? = nil
    ) {
        padMode.check(padding: [padding], of: "Conv2dTranspose")
        checkChannels(inputs, outputs, kernelSize, group, of: "Conv2dTranspose")
        insist(
            stride >= 1 && dilation >= 1,
            "Conv2dTranspose: stride is \(stride) and dilation \(dilation); both must be 1 or more")
        let initializer = Initializer.heUniform(fanIn: outputs / group * kernelSize * kernelSize)
        weight = Parameter(
            shape: [inputs, outputs / group, kernelSize, kernelSize], initializer: weightInit ?? initializer)
        bias = hasBias ? Parameter(shape: [outputs], initializer: initializer) : nil
        convolution = Convolution(
            stride: [stride, stride], padding: [padding, padding, padding, padding], dilation: [dilation, dilation],
            group: group)
        self.padMode = padMode
        self.outputs = outputs
        kernel = kernelSize
    }

    /// See ``Conv2dTranspose``.
    public func construct(_ x: Symbol) -> Symbol {
        insist(x.shape.rank == 4, "Conv2dTranspose needs [N, C, H, W], not \(x.type)")
        var settings = convolution
        let size = [length(of: x.shape[2]), length(of: x.shape[3])]
        settings.padding = padMode.paddings(
            around: size, kernel: [kernel, kernel], stride: settings.stride, dilation: settings.dilation,
            padding: settings.padding)
        return x.convolvedTransposed(
            with: x.trace.symbol(for: weight), settings, to: [x.shape[0], outputs, size[0], size[1]]
        ).adding(bias)
    }

    /// The length of an axis of the result.
    private func length(of input: Int) -> Int {
        let (stride, extent) = (convolution.stride[0], (kernel - 1) * convolution.dilation[0] + 1)
        return switch padMode {
        case .same: input * stride
        case .valid: input * stride + max(extent - stride, 0)
        case .pad: input * stride + extent - stride - 2 * convolution.padding[0]
        }
    }
}

extension Symbol {
    /// This with a bias for each channel, if there is one.
    fileprivate func adding(_ bias: Parameter?) -> Symbol {
        bias.map { addingBias(trace.symbol(for: $0), axis: 1) } ?? self
    }
}

private func checkChannels(_ inputs: Int, _ outputs: Int, _ kernelSize: Int, _ group: Int, of layer: String) {
    insist(
        group >= 1 && inputs >= 1 && outputs >= 1 && inputs % group == 0 && outputs % group == 0,
        "\(layer): \(group) groups cannot share \(inputs) channels in and \(outputs) out; both must be multiples of the groups"
    )
    insist(kernelSize >= 1, "\(layer): kernelSize is \(kernelSize); it must be 1 or more")
}
