import Memory

/// The sizes of a 2-D convolution in NCHW.
///
/// `input` is [batch, inputChannels, height.input, width.input], `weight` is [outputChannels, inputChannels / groups,
/// height.kernel, width.kernel], `output` is [batch, outputChannels, height.output, width.output]. With groups, the
/// channels of both sides are cut into as many equal parts, and each part of the output sees only its part of the input;
/// with as many groups as input channels the convolution is depthwise.
public struct ConvolutionGeometry: Sendable, Hashable {
    /// The number of images.
    public let batch: Int

    /// The number of channels of an input image.
    public let inputChannels: Int

    /// The number of channels of an output image, which is the number of kernels.
    public let outputChannels: Int

    /// The number of parts that the channels are cut into (MindSpore: `group`).
    public let groups: Int

    /// The vertical axis.
    public let height: WindowAxis

    /// The horizontal axis.
    public let width: WindowAxis

    /// Describes a convolution of `batch` images; `groups` divides the channels of both sides.
    public init(
        batch: Int, inputChannels: Int, outputChannels: Int, groups: Int = 1, height: WindowAxis, width: WindowAxis
    ) {
        insist(batch >= 0, "a batch cannot have \(batch) images")
        insist(
            inputChannels > 0 && outputChannels > 0,
            "a convolution needs channels, not \(inputChannels) in and \(outputChannels) out")
        insist(
            groups > 0 && inputChannels % groups == 0 && outputChannels % groups == 0,
            "\(groups) groups do not divide \(inputChannels) channels in and \(outputChannels) out")
        self.batch = batch
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.groups = groups
        self.height = height
        self.width = width
    }

    /// The number of elements of the input.
    public var inputCount: Int { batch * inputChannels * inputPlane }

    /// The number of elements of the weight.
    public var weightCount: Int { outputChannels * inputsOfGroup * taps }

    /// The number of elements of the output.
    public var outputCount: Int { batch * outputChannels * outputPlane }

    /// The number of elements of a channel of an input image.
    var inputPlane: Int { height.input * width.input }

    /// The number of elements of a channel of an output image.
    var outputPlane: Int { height.output * width.output }

    /// The number of elements of a kernel in one channel.
    var taps: Int { height.kernel * width.kernel }

    /// The number of input channels that a kernel sees.
    var inputsOfGroup: Int { inputChannels / groups }

    /// The number of kernels that see the same input channels.
    var outputsOfGroup: Int { outputChannels / groups }
}
