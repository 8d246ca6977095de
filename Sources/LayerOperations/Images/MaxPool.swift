import Graphs
import Kernels
import Memory
import Tensors

/// The maximum over windows of [N, C, H, W], and where each was found.
struct MaxPool: Operation {
    let settings: Pooling

    var inputCount: Int? { 1 }

    var description: String { "\(name)(\(settings.text))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let shape = try settings.outputShape(input: inputs[0].shape)
        return [TensorType(shape), TensorType(shape, .int32)]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.apply(Gradient(settings: settings, shape: x[0].shape), y[1])]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = settings.geometry(input: operands.shape)
        let (x, y, places) = (operands.input(0), operands.result(0), operands.integerResult(1))
        return { [pool = operands.pool] in
            var result = y.mutableSpan
            var indices = places.mutableSpan
            Kernels.maxPool2D(x.span, into: &result, indices: &indices, geometry: geometry, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let (kernel, padding) = (settings.kernel, settings.padding)
        guard padding != [0, 0, 0, 0] else { return inPlane(&calls, padMode: "VALID") }
        guard padding[0] == padding[1], padding[2] == padding[3] else {
            if settings.isSame(for: calls.x[0].type.dimensions) { return inPlane(&calls, padMode: "SAME") }
            throw NoMindSporeForm("MindSpore pads both sides alike, not by \(padding)")
        }
        guard 2 * padding[0] <= kernel[0], 2 * padding[2] <= kernel[1] else {
            throw NoMindSporeForm("MindSpore pads by half a window of \(kernel) at most, not by \(padding)")
        }
        return padded(&calls)
    }

    private func inPlane(_ calls: inout MindSporeCalls, padMode: String) -> MindSporeValue {
        calls.call(
            .maxPool, calls.x[0],
            attributes: [
                "kernel_size": [1, 1] + settings.kernel, "strides": [1, 1] + settings.stride, "pad_mode": padMode,
                "format": "NCHW",
            ])
    }

    /// As MindSpore's `nn.MaxPool2d` does it: in three dimensions, of which the first has one place.
    private func padded(_ calls: inout MindSporeCalls) -> MindSporeValue {
        let volume = calls.call(.expandDims, calls.x[0], 2, giving: calls.x[0].type.insertingOne(at: 2))
        let values = calls.type.insertingOne(at: 2)
        let pooled = calls.callForFirst(
            .maxPool3DWithArgmax, volume,
            attributes: [
                "ksize": [1] + settings.kernel, "strides": [1] + settings.stride,
                "pads": [0, settings.padding[0], settings.padding[2]], "dilation": [1, 1, 1], "ceil_mode": false,
                "argmax_type": "int64", "format": "NCDHW",
            ], giving: [values, MindSporeType(values.dimensions, .int64)])
        return calls.call(.squeeze, pooled, [2])
    }
}

extension MaxPool {
    /// The gradient of the input, of the given shape, from that of the output and the places found.
    struct Gradient: Operation {
        let settings: Pooling
        let shape: Shape

        var name: String { "maxPoolGradient" }

        var inputCount: Int? { 2 }

        var description: String { "\(name)(\(settings.text), \(shape))" }

        func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [TensorType(shape)] }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = settings.geometry(input: shape)
            let (g, places, y) = (operands.input(0), operands.integers(1), operands.result())
            return { [pool = operands.pool] in
                var result = y.mutableSpan
                Kernels.maxPool2DGradient(g.span, indices: places.span, into: &result, geometry: geometry, pool: pool)
            }
        }
    }
}

extension Operation where Self == MaxPool {
    static func maxPool(_ settings: Pooling) -> Self { Self(settings: settings) }
}

extension Operation where Self == MaxPool.Gradient {
    static func maxPoolGradient(_ settings: Pooling, _ shape: Shape) -> Self { Self(settings: settings, shape: shape) }
}
