import Graphs
import Kernels
import Tensors

/// A 2-D convolution of [N, C, H, W] with [O, C / group, h, w].
struct Convolve: Operation {
    let settings: Convolution

    var name: String { "convolution" }

    var inputCount: Int? { 2 }

    var description: String { "\(name)(\(settings.text))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        [TensorType(try settings.outputShape(input: inputs[0].shape, weight: inputs[1].shape))]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [
            x[1].apply(InputGradient(settings: settings, shape: x[0].shape), g),
            x[0].apply(WeightGradient(settings: settings, shape: x[1].shape), g),
        ]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let geometry = settings.geometry(input: operands.shape, weight: operands.inputs[1].shape)
        return operands.binary { [pool = operands.pool] in
            Kernels.convolve2D($0, weight: $1, into: &$2, geometry: geometry, pool: pool)
        }
    }

    func operationCount(inputs: [Shape], results: [Shape]) -> Double? {
        2 * Double(results[0].elementCount) * Self.window(inputs[1])
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let size = try calls.known(calls.x[1].type.dimensions)
        return calls.call(.conv2D, calls.x[0], calls.x[1], attributes: settings.mindSporeAttributes(weight: size))
    }

    /// The elements of the input that one output looks at.
    private static func window(_ weight: Shape) -> Double { Double(weight.elementCount / weight[0]) }
}

extension Convolve {
    /// The gradient of the input from the weight and that of the output; the shape is the input's. Forward it is the
    /// transposed convolution.
    struct InputGradient: Operation {
        let settings: Convolution
        let shape: Shape

        var name: String { "convolutionInputGradient" }

        var inputCount: Int? { 2 }

        var description: String { "\(name)(\(settings.text), \(shape))" }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            let output = try settings.outputShape(input: shape, weight: inputs[0].shape)
            try demand(output == inputs[1].shape, "needs a weight and \(output), not", inputs)
            return [TensorType(shape)]
        }

        func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
            [g.apply(WeightGradient(settings: settings, shape: x[0].shape), x[1]), g.convolved(with: x[0], settings)]
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = settings.geometry(input: shape, weight: operands.shape)
            return operands.binary { [pool = operands.pool] in
                Kernels.convolve2DInputGradient($1, weight: $0, into: &$2, geometry: geometry, pool: pool)
            }
        }

        func operationCount(inputs: [Shape], results: [Shape]) -> Double? {
            2 * Double(inputs[1].elementCount) * window(inputs[0])
        }

        /// But for the size of a batch the shape is given by the layer.
        var settingsFollowFromResults: Bool { true }

        /// Conv2DTranspose is given the size of its result, of which that of a batch is read off its input.
        func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
            let (weight, x) = (calls.x[0], calls.x[1])
            let size = try calls.known(weight.type.dimensions)
            let image = try calls.known(Array(calls.type.dimensions.dropFirst()))
            let ofInput = calls.call(.shape, x, giving: MindSporeType([4], .int64))
            let batch = calls.call(.tupleGetItem, ofInput, 0, giving: MindSporeType([], .int64))
            let target = calls.call(
                .makeTuple(4), batch, image[0], image[1], image[2], giving: MindSporeType([4], .int64))
            return calls.call(
                .conv2DTranspose, x, weight, target, attributes: settings.mindSporeAttributes(weight: size))
        }
    }

    /// The gradient of the weight from the input and that of the output; the shape is the weight's.
    struct WeightGradient: Operation {
        let settings: Convolution
        let shape: Shape

        var name: String { "convolutionWeightGradient" }

        var inputCount: Int? { 2 }

        var description: String { "\(name)(\(settings.text), \(shape))" }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [TensorType(shape)] }

        func kernel(_ operands: Operands) -> () -> Void {
            let geometry = settings.geometry(input: operands.shape, weight: shape)
            return operands.binary { [pool = operands.pool] in
                Kernels.convolve2DWeightGradient($0, outputGradient: $1, into: &$2, geometry: geometry, pool: pool)
            }
        }

        func operationCount(inputs: [Shape], results: [Shape]) -> Double? {
            2 * Double(inputs[1].elementCount) * window(shape)
        }
    }
}

extension Convolution {
    /// What Conv2D and Conv2DTranspose are told of a convolution by a weight of a size.
    fileprivate func mindSporeAttributes(weight size: [Int]) -> KeyValuePairs<String, any MindSporeConstant> {
        [
            "kernel_size": [size[2], size[3]], "mode": 1, "out_channel": size[0], "pad": padding,
            "pad_mode": padding == [0, 0, 0, 0] ? "valid" : "pad", "format": "NCHW", "pad_list": padding,
            "groups": group, "stride": [1, 1] + stride, "group": group, "dilation": [1, 1] + dilation,
        ]
    }
}

extension Operation where Self == Convolve {
    static func convolution(_ settings: Convolution) -> Self { Self(settings: settings) }
}

extension Operation where Self == Convolve.InputGradient {
    static func convolutionInputGradient(_ settings: Convolution, _ shape: Shape) -> Self {
        Self(settings: settings, shape: shape)
    }
}

extension Operation where Self == Convolve.WeightGradient {
    static func convolutionWeightGradient(_ settings: Convolution, _ shape: Shape) -> Self {
        Self(settings: settings, shape: shape)
    }
}
