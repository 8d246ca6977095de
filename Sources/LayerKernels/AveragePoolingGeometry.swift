public import Kernels
import Memory

/// Which elements of an axis each output of an average sees.
public struct AveragingAxis: Sendable, Hashable {
    /// The length of the input.
    public let input: Int

    /// The number of averages.
    public let output: Int

    private let rule: Rule

    private enum Rule: Sendable, Hashable {
        /// Equal windows that slide; whether their places in the padding count too.
        case sliding(WindowAxis, countsPadding: Bool)
        /// Windows that divide the input among the outputs, and overlap where it cannot be divided.
        case dividing
    }

    /// Windows that slide as those of a convolution do.
    ///
    /// - Parameter countsPadding: whether a mean is taken of all places of the window, those in the padding being zero
    ///   (MindSpore: `count_include_pad`).
    public init(_ axis: WindowAxis, countsPadding: Bool) {
        insist(
            max(axis.paddingBefore, axis.paddingAfter) < axis.kernel && axis.dilation == 1,
            "an averaging window of \(axis.kernel) cannot have padding \(axis.paddingBefore) and \(axis.paddingAfter), "
                + "dilation \(axis.dilation): it would look at padding alone")
        (input, output) = (axis.input, axis.output)
        rule = .sliding(axis, countsPadding: countsPadding)
    }

    /// Windows of about input / output places (MindSpore: `AdaptiveAvgPool2D`).
    public init(adaptive input: Int, output: Int) {
        insist(input > 0 && output > 0, "\(input) places cannot be averaged to \(output)")
        (self.input, self.output) = (input, output)
        rule = .dividing
    }

    /// The places of the input that an output sees.
    @inline(__always)
    func places(of index: Int) -> Range<Int> {
        switch rule {
        case .sliding(let axis, _):
            let first = index * axis.stride - axis.paddingBefore
            return max(first, 0)..<min(first + axis.kernel, axis.input)
        case .dividing:
            return index * input / output..<((index + 1) * input + output - 1) / output
        }
    }

    /// What the sum over these places is divided by.
    @inline(__always)
    func divisor(of index: Int) -> Int {
        if case .sliding(let axis, countsPadding: true) = rule { return axis.kernel }
        return places(of: index).count
    }
}

/// The sizes of an average pooling in NCHW: `planes` is batch · channels.
public struct AveragePoolingGeometry: Sendable, Hashable {
    /// The number of channels of all images.
    public let planes: Int

    /// The vertical axis.
    public let height: AveragingAxis

    /// The horizontal axis.
    public let width: AveragingAxis

    /// Describes a pooling.
    public init(planes: Int, height: AveragingAxis, width: AveragingAxis) {
        insist(planes >= 0, "there cannot be \(planes) channels")
        self.planes = planes
        self.height = height
        self.width = width
    }

    /// The number of elements of the input.
    public var inputCount: Int { planes * inputPlane }

    /// The number of elements of the output.
    public var outputCount: Int { planes * outputPlane }

    var inputPlane: Int { height.input * width.input }

    var outputPlane: Int { height.output * width.output }
}
