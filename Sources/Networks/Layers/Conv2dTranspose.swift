public import Graphs
import LayerOperations
import Memory
import Tensors

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
