import Tensors

// Of tensors of any shapes, and of activations.

extension MindSporeOperator {
    package static let pow = MindSporeOperator("Pow", "input", "exponent")
    package static let equal = MindSporeOperator("Equal", "input", "other")
    package static let notEqual = MindSporeOperator("NotEqual", "input", "other")
    package static let less = MindSporeOperator("Less", "input", "other")
    package static let lessEqual = MindSporeOperator("LessEqual", "input", "other")
    package static let greater = MindSporeOperator("Greater", "input", "other")
    package static let select = MindSporeOperator("Select", "condition", "input", "other")

    package static let reduceMax = MindSporeOperator("ReduceMax", "x", "axis", "keep_dims")
    package static let reduceMin = MindSporeOperator("ReduceMin", "x", "axis", "keep_dims")
    package static let argmax = MindSporeOperator("Argmax", "input_x", "axis", "output_type")
    package static let cumSum = MindSporeOperator("CumSum", "input", "axis", "exclusive", "reverse")

    package static let concat = MindSporeOperator("Concat", "tensors", "axis")
    package static let slice = MindSporeOperator("Slice", "input", "begin", "size")
    package static let stridedSlice = MindSporeOperator(
        "StridedSlice", "input_x", "begin", "end", "strides", "begin_mask", "end_mask", "ellipsis_mask",
        "new_axis_mask",
        "shrink_axis_mask")
    package static let padV3 = MindSporeOperator(
        "PadV3", "x", "paddings", "constant_value", attributes: ["mode", "paddings_contiguous"])
    package static let resizeNearestNeighbor = MindSporeOperator(
        "ResizeNearestNeighbor", "input_x", "size", "align_corners", "half_pixel_centers")
    package static let resizeBilinear = MindSporeOperator(
        "ResizeBilinearV2", "image", "size", "align_corners", "half_pixel_centers")

    package static let abs = MindSporeOperator("Abs", "input")
    package static let sign = MindSporeOperator("Sign", "input")
    package static let sin = MindSporeOperator("Sin", "input")
    package static let cos = MindSporeOperator("Cos", "input")
    package static let erf = MindSporeOperator("Erf", "input")
    package static let silu = MindSporeOperator("SiLU", "input")
    package static let elu = MindSporeOperator("Elu", "input_x", "alpha")
    package static let hardSwish = MindSporeOperator("HSwish", "input")
    package static let hardSigmoid = MindSporeOperator("HSigmoid", "input")
    package static let relu6 = MindSporeOperator("ReLU6", "x")
    package static let logSoftmax = MindSporeOperator("LogSoftmax", "logits", "axis")

    /// A tuple of values.
    package static func makeTuple(_ count: Int) -> MindSporeOperator {
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
