import Memory

/// One spatial axis of a convolution or a pooling: its length, and how the window slides along it.
public struct WindowAxis: Sendable, Hashable {
    /// What lies around the input: MindSpore's `pad_mode`.
    public enum Padding: Sendable, Hashable {
        /// Nothing: the window stays inside the input (`"valid"`).
        case valid
        /// As much as makes ⌈input / stride⌉ places, an odd one at the end (`"same"`).
        case same
        /// This many places before and after the input (`"pad"`).
        case explicit(before: Int, after: Int)
    }

    /// The length of the input.
    public let input: Int

    /// The number of places the window looks at.
    public let kernel: Int

    /// How far the window moves at a time.
    public let stride: Int

    /// How far apart the places are that the window looks at.
    public let dilation: Int

    /// The number of places added before the input.
    public let paddingBefore: Int

    /// The number of places added after the input.
    public let paddingAfter: Int

    /// The distance from the first place the window looks at to the last, both counted.
    public let extent: Int

    /// The number of places of the window, which is the length of the output.
    public let output: Int

    /// Describes an axis; the window has to fit into the padded input.
    public init(input: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, padding: Padding = .valid) {
        insist(input > 0, "an axis needs a length of at least 1, not \(input)")
        insist(
            kernel > 0 && stride > 0 && dilation > 0,
            "kernel \(kernel), stride \(stride) and dilation \(dilation) have to be at least 1")
        self.input = input
        self.kernel = kernel
        self.stride = stride
        self.dilation = dilation
        extent = (kernel - 1) * dilation + 1
        switch padding {
        case .valid:
            (paddingBefore, paddingAfter) = (0, 0)
        case .same:
            let total = max((input + stride - 1) / stride * stride - stride + extent - input, 0)
            (paddingBefore, paddingAfter) = (total / 2, total - total / 2)
        case .explicit(let before, let after):
            insist(before >= 0 && after >= 0, "padding \(before) before and \(after) after cannot be negative")
            (paddingBefore, paddingAfter) = (before, after)
        }
        let padded = input + paddingBefore + paddingAfter
        insist(extent <= padded, "a window of \(extent) does not fit into a padded length of \(padded)")
        output = (padded - extent) / stride + 1
    }
}
