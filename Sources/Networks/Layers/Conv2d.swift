public import Graphs
import Tensors

/// A 2-D convolution of [N, C, H, W] (MindSpore's `nn.Conv2d`; the padding is "valid" or given).
public final class Conv2d: Cell {
    /// [outputs, inputs, height, width]
    public let weight: Parameter

    /// [outputs], or nil.
    public let bias: Parameter?

    /// Stride, padding and dilation.
    public let convolution: Convolution

    /// Makes a layer; its parameters begin uniform within 1/√(inputs × window), as in MindSpore.
    ///
    /// `padding` is around the image on all four sides. MindSpore's `has_bias` is false by default, and so it is here.
    public init(
        _ inputs: Int, _ outputs: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        hasBias: Bool = false
    ) {
        let initializer = Initializer.heUniform(fanIn: inputs * kernelSize * kernelSize)
        weight = Parameter(shape: [outputs, inputs, kernelSize, kernelSize], initializer: initializer)
        bias = hasBias ? Parameter(shape: [outputs], initializer: initializer) : nil
        convolution = Convolution(
            stride: [stride, stride], padding: [padding, padding, padding, padding], dilation: [dilation, dilation])
    }

    /// See ``Conv2d``.
    public func construct(_ x: Symbol) -> Symbol {
        let result = x.convolved(with: x.trace.symbol(for: weight), convolution)
        guard let bias else { return result }
        return result.addingBias(x.trace.symbol(for: bias), axis: 1)
    }
}
