import Graphs
import Kernels
import LayerKernels
import Tensors

/// Which elements an average pooling takes the mean of.
public enum Averaging: Hashable, Sendable {
    /// Those of windows that slide; whether the places in the padding count as zeros (MindSpore's `count_include_pad`).
    case windows(Pooling, countsPadding: Bool)
    /// Those of windows that divide the image among so many outputs (MindSpore's `AdaptiveAvgPool2d`).
    case adaptive(height: Int, width: Int)
}

/// The mean over windows of [N, C, H, W].
struct AveragePool: Operation {
    let settings: Averaging

    var inputCount: Int? { 1 }

    var description: String { "\(name)(\(String(reflecting: settings)))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        [TensorType(try settings.outputShape(input: inputs[0].shape))]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.apply(Gradient(settings: settings, shape: x[0].shape))]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = settings.geometry(input: operands.shape)
        return operands.unary { [pool = operands.pool] in
            LayerKernels.averagePool2D($0, into: &$1, geometry: geometry, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let x = calls.x[0]
        switch settings {
        case .adaptive(let height, let width):
            return calls.call(.adaptiveAvgPool2D, x, attributes: ["output_size": [height, width]])
        case .windows(let pooling, _) where pooling.padding == [0, 0, 0, 0]:
            return calls.call(.avgPool, x, pooling.kernel, pooling.stride, PadModeNumber.valid, DataFormat.nchw)
        case .windows(let pooling, let countsPadding):
            return padded(&calls, x, pooling, countsPadding)
        }
    }

    /// As MindSpore's `nn.AvgPool2d` does it: in three dimensions, of which the first has one place.
    private func padded(
        _ calls: inout MindSporeCalls, _ x: MindSporeValue, _ pooling: Pooling, _ countsPadding: Bool
    ) -> MindSporeValue {
        let volume = calls.call(.expandDims, x, 2, giving: x.type.insertingOne(at: 2))
        let pooled = calls.call(
            .avgPool3D, volume,
            attributes: [
                "kernel_size": [1, 1, 1] + pooling.kernel, "strides": [1, 1, 1] + pooling.stride,
                "pad_list": [0, 0] + pooling.padding, "pad_mode": "PAD", "ceil_mode": false,
                "count_include_pad": countsPadding, "divisor_override": 0, "format": "NCDHW",
            ], giving: calls.type.insertingOne(at: 2))
        return calls.call(.squeeze, pooled, [2])
    }
}

extension AveragePool {
    /// The gradient of the input, of the given shape, from that of the output.
    struct Gradient: Operation {
        let settings: Averaging
        let shape: Shape

        var name: String { "averagePoolGradient" }

        var inputCount: Int? { 1 }

        var description: String { "\(name)(\(String(reflecting: settings)), \(shape))" }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [TensorType(shape)] }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = settings.geometry(input: shape)
            return operands.unary { [pool = operands.pool] in
                LayerKernels.averagePool2DGradient($0, into: &$1, geometry: geometry, pool: pool)
            }
        }
    }
}

extension Averaging {
    /// [N, C, H', W'] for an input [N, C, H, W].
    func outputShape(input: Shape) throws(Misfit) -> Shape {
        switch self {
        case .windows(let pooling, _):
            let shape = try pooling.outputShape(input: input)
            let isInside = (0..<2).allSatisfy {
                max(pooling.padding[2 * $0], pooling.padding[2 * $0 + 1]) < pooling.kernel[$0]
            }
            guard isInside else {
                throw Misfit("a window \(pooling.kernel) must be larger than the padding \(pooling.padding)")
            }
            return shape
        case .adaptive(let height, let width):
            guard input.rank == 4, height > 0, width > 0 else {
                throw Misfit(
                    "an adaptive pooling makes [N, C, 1 or more, 1 or more] of [N, C, H, W], not "
                        + "[\(height), \(width)] of \(input)")
            }
            return [input[0], input[1], height, width]
        }
    }

    func geometry(input: Shape) -> AveragePoolingGeometry {
        let planes = input[0] * input[1]
        switch self {
        case .windows(let pooling, let countsPadding):
            let windows = pooling.geometry(input: input)
            return AveragePoolingGeometry(
                planes: planes, height: AveragingAxis(windows.height, countsPadding: countsPadding),
                width: AveragingAxis(windows.width, countsPadding: countsPadding))
        case .adaptive(let height, let width):
            return AveragePoolingGeometry(
                planes: planes, height: AveragingAxis(adaptive: input[2], output: height),
                width: AveragingAxis(adaptive: input[3], output: width))
        }
    }
}

extension Operation where Self == AveragePool {
    static func averagePool(_ settings: Averaging) -> Self { Self(settings: settings) }
}
