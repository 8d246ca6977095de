import Memory

/// The sizes of a 2-D convolution in NCHW, without groups.
///
/// `input` is [batch, inputChannels, height.input, width.input], `weight` is [outputChannels, inputChannels,
/// height.kernel, width.kernel], `output` is [batch, outputChannels, height.output, width.output].
public struct ConvolutionGeometry: Sendable, Hashable {
    /// The number of images.
    public let batch: Int

    /// The number of channels of an input image.
    public let inputChannels: Int

    /// The number of channels of an output image, which is the number of kernels.
    public let outputChannels: Int

    /// The vertical axis.
    public let height: WindowAxis

    /// The horizontal axis.
    public let width: WindowAxis

    /// Describes a convolution of `batch` images.
    public init(batch: Int, inputChannels: Int, outputChannels: Int, height: WindowAxis, width: WindowAxis) {
        insist(batch >= 0, "a batch cannot have \(batch) images")
        insist(
            inputChannels > 0 && outputChannels > 0,
            "a convolution needs channels, not \(inputChannels) in and \(outputChannels) out")
        self.batch = batch
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.height = height
        self.width = width
    }

    /// The number of elements of the input.
    public var inputCount: Int { batch * inputChannels * inputPlane }

    /// The number of elements of the weight.
    public var weightCount: Int { outputChannels * inputChannels * taps }

    /// The number of elements of the output.
    public var outputCount: Int { batch * outputChannels * outputPlane }

    /// The number of elements of a channel of an input image.
    var inputPlane: Int { height.input * width.input }

    /// The number of elements of a channel of an output image.
    var outputPlane: Int { height.output * width.output }

    /// The number of elements of a kernel in one channel.
    var taps: Int { height.kernel * width.kernel }
}
