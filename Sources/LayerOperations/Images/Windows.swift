import Graphs
import Kernels
import Tensors

/// The settings of a 2-D convolution.
public struct Convolution: Hashable, Sendable {
    /// Steps of the window, down and across.
    public var stride: [Int] = [1, 1]
    /// Zeros around the image: top, bottom, left, right.
    public var padding: [Int] = [0, 0, 0, 0]
    /// Distances between the window's elements, down and across.
    public var dilation: [Int] = [1, 1]
    /// The parts that the channels are cut into, each part of the output seeing one of the input.
    public var group = 1

    /// Makes the settings.
    public init(
        stride: [Int] = [1, 1], padding: [Int] = [0, 0, 0, 0], dilation: [Int] = [1, 1], group: Int = 1
    ) {
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.group = group
    }

    /// As Swift shows it, without a group of 1: a run that began before there were groups is carried on.
    var text: String {
        "Graphs.Convolution(stride: \(stride), padding: \(padding), dilation: \(dilation)"
            + (group == 1 ? ")" : ", group: \(group))")
    }
}

/// The settings of a 2-D pooling.
public struct Pooling: Hashable, Sendable {
    /// The window's height and width.
    public var kernel: [Int]
    /// Steps of the window, down and across.
    public var stride: [Int]
    /// Places around the image that never win: top, bottom, left, right.
    public var padding: [Int]

    /// Makes the settings.
    public init(kernel: [Int], stride: [Int], padding: [Int] = [0, 0, 0, 0]) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }

    /// As Swift showed it where it once lay: a run that began then is carried on.
    var text: String { "Graphs.Pooling(kernel: \(kernel), stride: \(stride), padding: \(padding))" }
}

extension Convolution {
    /// [N, O, H', W'] for an input [N, C, H, W] and a weight [O, C / group, h, w].
    func outputShape(input: Shape, weight: Shape) throws(Misfit) -> Shape {
        try demand(
            input.rank == 4 && weight.rank == 4 && group > 0 && input[1] == group * weight[1],
            "a convolution needs [N, C, H, W] and [O, C\(group == 1 ? "" : " / \(group)"), h, w], not \(input) and "
                + "\(weight)")
        try demand(weight[0] % group == 0, "\(group) groups cannot share the \(weight[0]) kernels of \(weight)")
        try checkWindow(stride: stride, dilation: dilation, padding: padding)
        let size = try (0..<2).map { axis throws(Misfit) in
            try windowCount(
                input[2 + axis] + padding[2 * axis] + padding[2 * axis + 1],
                window: dilation[axis] * (weight[2 + axis] - 1) + 1, stride: stride[axis])
        }
        return [input[0], weight[0], size[0], size[1]]
    }
}

extension Pooling {
    /// [N, C, H', W'] for an input [N, C, H, W].
    func outputShape(input: Shape) throws(Misfit) -> Shape {
        try demand(input.rank == 4, "a pooling needs [N, C, H, W], not \(input)")
        try checkWindow(stride: stride, dilation: kernel, padding: padding)
        let size = try (0..<2).map { axis throws(Misfit) in
            try windowCount(
                input[2 + axis] + padding[2 * axis] + padding[2 * axis + 1], window: kernel[axis],
                stride: stride[axis])
        }
        return [input[0], input[1], size[0], size[1]]
    }
}

private func checkWindow(stride: [Int], dilation: [Int], padding: [Int]) throws(Misfit) {
    let isPositive = (stride + dilation).allSatisfy { $0 > 0 } && padding.allSatisfy { $0 >= 0 }
    try demand(
        isPositive && stride.count == 2 && dilation.count == 2 && padding.count == 4,
        "a window moves by strides from 1 with 4 paddings from 0, not by \(stride) with \(padding); its size or dilation "
            + "\(dilation) begins with 1")
}

/// How many windows fit, the first at 0 and each `stride` after the last.
private func windowCount(_ size: Int, window: Int, stride: Int) throws(Misfit) -> Int {
    try demand(window <= size, "a window of \(window) does not fit into \(size) places")
    return (size - window) / stride + 1
}

extension Convolution {
    func geometry(input: Shape, weight: Shape) -> ConvolutionGeometry {
        ConvolutionGeometry(
            batch: input[0], inputChannels: input[1], outputChannels: weight[0], groups: group,
            height: axis(0, input: input, kernel: weight[2]), width: axis(1, input: input, kernel: weight[3]))
    }

    private func axis(_ index: Int, input: Shape, kernel: Int) -> WindowAxis {
        WindowAxis(
            input: input[2 + index], kernel: kernel, stride: stride[index], dilation: dilation[index],
            padding: .explicit(before: padding[2 * index], after: padding[2 * index + 1]))
    }
}

extension Pooling {
    /// Whether its padding is what MindSpore's "same" puts around images [N, C, H, W].
    func isSame(for image: [Int]) -> Bool {
        guard image.dropFirst(2).allSatisfy({ $0 > 0 }) else { return false }
        let axes = (0..<2).map {
            WindowAxis(input: image[2 + $0], kernel: kernel[$0], stride: stride[$0], padding: .same)
        }
        return padding == axes.flatMap { [$0.paddingBefore, $0.paddingAfter] }
    }

    func geometry(input: Shape) -> PoolingGeometry {
        PoolingGeometry(batch: input[0], channels: input[1], height: axis(0, input), width: axis(1, input))
    }

    private func axis(_ index: Int, _ input: Shape) -> WindowAxis {
        WindowAxis(
            input: input[2 + index], kernel: kernel[index], stride: stride[index],
            padding: .explicit(before: padding[2 * index], after: padding[2 * index + 1]))
    }
}

private func demand(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(Misfit) {
    if !condition { throw Misfit(sentence()) }
}
