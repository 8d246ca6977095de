public import Graphs
import LayerOperations
import Memory
import Tensors

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
