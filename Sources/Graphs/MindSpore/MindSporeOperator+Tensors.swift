import Tensors

/// Tensors of any shapes, and activations. Each has MindSpore's name.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MindSporeOperator {
    public static let pow = MindSporeOperator("Pow", "input", "exponent")
    public static let equal = MindSporeOperator("Equal", "input", "other")
    public static let notEqual = MindSporeOperator("NotEqual", "input", "other")
    public static let less = MindSporeOperator("Less", "input", "other")
    public static let lessEqual = MindSporeOperator("LessEqual", "input", "other")
    public static let greater = MindSporeOperator("Greater", "input", "other")
    public static let select = MindSporeOperator("Select", "condition", "input", "other")

    public static let reduceMax = MindSporeOperator("ReduceMax", "x", "axis", "keep_dims")
    public static let reduceMin = MindSporeOperator("ReduceMin", "x", "axis", "keep_dims")
    public static let argmax = MindSporeOperator("Argmax", "input_x", "axis", "output_type")
    public static let cumSum = MindSporeOperator("CumSum", "input", "axis", "exclusive", "reverse")

    public static let concat = MindSporeOperator("Concat", "tensors", "axis")
    public static let slice = MindSporeOperator("Slice", "input", "begin", "size")
    public static let stridedSlice = MindSporeOperator(
        "StridedSlice", "input_x", "begin", "end", "strides", "begin_mask", "end_mask", "ellipsis_mask",
        "new_axis_mask",
        "shrink_axis_mask")
    public static let padV3 = MindSporeOperator(
        "PadV3", "x", "paddings", "constant_value", attributes: ["mode", "paddings_contiguous"])
    public static let resizeNearestNeighbor = MindSporeOperator(
        "ResizeNearestNeighbor", "input_x", "size", "align_corners", "half_pixel_centers")
    public static let resizeBilinear = MindSporeOperator(
        "ResizeBilinearV2", "image", "size", "align_corners", "half_pixel_centers")

    public static let abs = MindSporeOperator("Abs", "input")
    public static let sign = MindSporeOperator("Sign", "input")
    public static let sin = MindSporeOperator("Sin", "input")
    public static let cos = MindSporeOperator("Cos", "input")
    public static let erf = MindSporeOperator("Erf", "input")
    public static let silu = MindSporeOperator("SiLU", "input")
    public static let elu = MindSporeOperator("Elu", "input_x", "alpha")
    public static let hardSwish = MindSporeOperator("HSwish", "input")
    public static let hardSigmoid = MindSporeOperator("HSigmoid", "input")
    public static let relu6 = MindSporeOperator("ReLU6", "x")
    public static let logSoftmax = MindSporeOperator("LogSoftmax", "logits", "axis")

    /// A tuple of values.
    public static func makeTuple(_ count: Int) -> MindSporeOperator {
        MindSporeOperator("MakeTuple", inputs: (0..<count).map { "input\($0)" })
    }
}

extension MindSporeCalls {
    /// Makes a tuple of values, for operators that take one.
    public mutating func tuple(_ values: [MindSporeValue]) -> MindSporeValue {
        append(.makeTuple(values.count), values, [:], results: values.map(\.type))
    }

    /// 1 where a comparison holds, else 0: MindSpore has true or false there.
    mutating func comparison(
        _ primitive: MindSporeOperator, _ a: MindSporeValue, _ b: MindSporeValue
    ) -> MindSporeValue {
        let truth = call(primitive, a, b, giving: MindSporeType(type.dimensions, .bool))
        return call(.cast, truth, TypeID.float32)
    }
}
