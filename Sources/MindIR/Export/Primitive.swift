/// An operator of MindSpore, with the names of what it takes in MindSpore's order.
///
/// Most take everything as inputs of their node, constants too, and MindSpore crashes or computes something else where
/// one is missing. The older ones have attributes. `GraphBuilder` refuses any other number of either.
struct Primitive {
    let name: String
    let inputs: [String]
    let attributes: [String]

    init(_ name: String, _ inputs: String..., attributes: [String] = []) {
        self.name = name
        self.inputs = inputs
        self.attributes = attributes
    }
}

// The order of the inputs is that of `mindspore/ops/auto_generate/gen_ops_prim.py`: of `__call__`, then of `__init__`.

extension Primitive {
    static let neg = Primitive("Neg", "input")
    static let exp = Primitive("Exp", "input")
    static let log = Primitive("Log", "input")
    static let sqrt = Primitive("Sqrt", "x")
    static let square = Primitive("Square", "input")
    static let reciprocal = Primitive("Reciprocal", "x")
    static let tanh = Primitive("Tanh", "input")
    static let sigmoid = Primitive("Sigmoid", "input")
    static let relu = Primitive("ReLU", "input")
    static let gelu = Primitive("GeLU", "input")

    static let add = Primitive("Add", "input", "other")
    static let sub = Primitive("Sub", "input", "other")
    static let mul = Primitive("Mul", "input", "other")
    static let div = Primitive("Div", "input", "other")
    static let maximum = Primitive("Maximum", "input", "other")
    static let minimum = Primitive("Minimum", "input", "other")
    static let greaterEqual = Primitive("GreaterEqual", "input", "other")
    static let muls = Primitive("Muls", "input", "number")
    static let maskedFill = Primitive("MaskedFill", "input_x", "mask", "value")
    static let cast = Primitive("Cast", "input_x", "dtype")

    static let reshape = Primitive("Reshape", "input", "shape")
    static let expandDims = Primitive("ExpandDims", "input_x", "axis")
    static let squeeze = Primitive("Squeeze", "input", "axis")
    static let transpose = Primitive("Transpose", "input", "input_perm")
    static let broadcastTo = Primitive("BroadcastTo", "input", "shape")
    static let reduceSum = Primitive("ReduceSum", "x", "axis", "keep_dims", "skip_mode")
    static let reduceMean = Primitive("ReduceMean", "x", "axis", "keep_dims")
    static let gather = Primitive("Gather", "input_params", "input_indices", "axis", "batch_dims")
    static let split = Primitive("Split", "input_x", "axis", "output_num")
    static let oneHot = Primitive("OneHot", "indices", "depth", "on_value", "off_value", "axis")

    static let matMul = Primitive("MatMul", "input", "mat2", "transpose_a", "transpose_b")
    static let batchMatMul = Primitive("BatchMatMul", "x", "y", "transpose_a", "transpose_b")
    static let biasAdd = Primitive("BiasAdd", "input_x", "bias", "data_format")
    static let softmax = Primitive("Softmax", "input", "axis")
    static let layerNorm = Primitive(
        "LayerNorm", "input_x", "gamma", "beta", "begin_norm_axis", "begin_params_axis", "epsilon")
}

// The older ones, with attributes; a tuple's element is taken by one of them too.

extension Primitive {
    static let tupleGetItem = Primitive("TupleGetItem", "input", "index")
    static let conv2D = Primitive(
        "Conv2D", "x", "weight",
        attributes: [
            "kernel_size", "mode", "out_channel", "pad", "pad_mode", "format", "pad_list", "groups", "stride", "group",
            "dilation",
        ])
    static let maxPool = Primitive(
        "MaxPool", "x", attributes: ["kernel_size", "strides", "pad_mode", "format"])
    static let maxPool3DWithArgmax = Primitive(
        "MaxPool3DWithArgmax", "x",
        attributes: ["ksize", "strides", "pads", "dilation", "ceil_mode", "argmax_type", "format"])
    static let softmaxCrossEntropyWithLogits = Primitive("SoftmaxCrossEntropyWithLogits", "logits", "labels")
}
