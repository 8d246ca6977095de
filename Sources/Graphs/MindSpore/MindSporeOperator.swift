/// An operator of MindSpore, with the names of what it takes in MindSpore's order.
///
/// Most take everything as inputs of their node, constants too, and MindSpore crashes or computes something else where
/// one is missing. The older ones have attributes. The exporter refuses any other number of either.
public struct MindSporeOperator: Hashable, Sendable {
    /// What MindSpore calls it.
    public let name: String

    /// The names of its inputs, in order.
    public let inputs: [String]

    /// The names of its attributes, in order.
    public let attributes: [String]

    /// Describes an operator: its inputs in the order of `mindspore/ops/auto_generate/gen_ops_prim.py`, of `__call__`, then
    /// of `__init__`.
    public init(_ name: String, _ inputs: String..., attributes: [String] = []) {
        self.init(name, inputs: inputs, attributes: attributes)
    }

    /// The same with the inputs in an array.
    init(_ name: String, inputs: [String], attributes: [String] = []) {
        self.name = name
        self.inputs = inputs
        self.attributes = attributes
    }
}

/// Functions of one and of two values, shapes, sums and products. Each has MindSpore's name.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MindSporeOperator {
    public static let neg = MindSporeOperator("Neg", "input")
    public static let exp = MindSporeOperator("Exp", "input")
    public static let log = MindSporeOperator("Log", "input")
    public static let sqrt = MindSporeOperator("Sqrt", "x")
    public static let square = MindSporeOperator("Square", "input")
    public static let reciprocal = MindSporeOperator("Reciprocal", "x")
    public static let tanh = MindSporeOperator("Tanh", "input")
    public static let sigmoid = MindSporeOperator("Sigmoid", "input")
    public static let relu = MindSporeOperator("ReLU", "input")
    public static let gelu = MindSporeOperator("GeLU", "input")

    public static let add = MindSporeOperator("Add", "input", "other")
    public static let sub = MindSporeOperator("Sub", "input", "other")
    public static let mul = MindSporeOperator("Mul", "input", "other")
    public static let div = MindSporeOperator("Div", "input", "other")
    public static let maximum = MindSporeOperator("Maximum", "input", "other")
    public static let minimum = MindSporeOperator("Minimum", "input", "other")
    public static let greaterEqual = MindSporeOperator("GreaterEqual", "input", "other")
    public static let muls = MindSporeOperator("Muls", "input", "number")
    public static let maskedFill = MindSporeOperator("MaskedFill", "input_x", "mask", "value")
    public static let cast = MindSporeOperator("Cast", "input_x", "dtype")

    public static let shape = MindSporeOperator("Shape", "input")
    public static let reshape = MindSporeOperator("Reshape", "input", "shape")
    public static let expandDims = MindSporeOperator("ExpandDims", "input_x", "axis")
    public static let squeeze = MindSporeOperator("Squeeze", "input", "axis")
    public static let transpose = MindSporeOperator("Transpose", "input", "input_perm")
    public static let broadcastTo = MindSporeOperator("BroadcastTo", "input", "shape")
    public static let reduceSum = MindSporeOperator("ReduceSum", "x", "axis", "keep_dims", "skip_mode")
    public static let reduceMean = MindSporeOperator("ReduceMean", "x", "axis", "keep_dims")
    public static let gather = MindSporeOperator("Gather", "input_params", "input_indices", "axis", "batch_dims")
    public static let split = MindSporeOperator("Split", "input_x", "axis", "output_num")
    public static let oneHot = MindSporeOperator("OneHot", "indices", "depth", "on_value", "off_value", "axis")

    public static let matMul = MindSporeOperator("MatMul", "input", "mat2", "transpose_a", "transpose_b")
    public static let batchMatMul = MindSporeOperator("BatchMatMul", "x", "y", "transpose_a", "transpose_b")
    public static let biasAdd = MindSporeOperator("BiasAdd", "input_x", "bias", "data_format")
    public static let softmax = MindSporeOperator("Softmax", "input", "axis")
    public static let layerNorm = MindSporeOperator(
        "LayerNorm", "input_x", "gamma", "beta", "begin_norm_axis", "begin_params_axis", "epsilon")
}

/// Layers of images and sequences. Each has MindSpore's name.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MindSporeOperator {
    public static let avgPool = MindSporeOperator(
        "AvgPool", "x", "kernel_size", "strides", "pad_mode", "data_format")
    public static let batchNorm = MindSporeOperator(
        "BatchNorm", "input_x", "scale", "bias", "mean", "variance", "is_training", "epsilon", "momentum", "data_format"
    )
    public static let groupNorm = MindSporeOperator("GroupNorm", "input", "num_groups", "weight", "bias", "eps")
    public static let reverseV2 = MindSporeOperator("ReverseV2", "input", "axis")
    public static let adaptiveAvgPool2D = MindSporeOperator("AdaptiveAvgPool2D", "x", attributes: ["output_size"])
    public static let avgPool3D = MindSporeOperator(
        "AvgPool3D", "input",
        attributes: [
            "kernel_size", "strides", "pad_list", "pad_mode", "ceil_mode", "count_include_pad", "divisor_override",
            "format",
        ])
    public static let lstm = MindSporeOperator(
        "LSTM", "x", "h", "c", "w",
        attributes: [
            "input_size", "hidden_size", "num_layers", "has_bias", "bidirectional", "dropout", "proj_size",
        ])
}

/// MindSpore's numbers for the order of an image's dimensions.
package enum DataFormat {
    package static let nchw = 0
}

/// MindSpore's numbers for what lies around an image.
package enum PadModeNumber {
    package static let valid = 2
}

/// The older ones, with attributes; a tuple's element is taken by one of them too. Each has MindSpore's name.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MindSporeOperator {
    public static let tupleGetItem = MindSporeOperator("TupleGetItem", "input", "index")
    public static let conv2D = MindSporeOperator("Conv2D", "x", "weight", attributes: convolution)
    public static let conv2DTranspose = MindSporeOperator(
        "Conv2DTranspose", "out_backprop", "filter", "input_sizes", attributes: convolution)
    private static let convolution = [
        "kernel_size", "mode", "out_channel", "pad", "pad_mode", "format", "pad_list", "groups", "stride", "group",
        "dilation",
    ]
    public static let maxPool = MindSporeOperator(
        "MaxPool", "x", attributes: ["kernel_size", "strides", "pad_mode", "format"])
    public static let maxPool3DWithArgmax = MindSporeOperator(
        "MaxPool3DWithArgmax", "x",
        attributes: ["ksize", "strides", "pads", "dilation", "ceil_mode", "argmax_type", "format"])
    public static let softmaxCrossEntropyWithLogits = MindSporeOperator(
        "SoftmaxCrossEntropyWithLogits", "logits", "labels")
}
