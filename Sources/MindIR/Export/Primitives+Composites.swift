import Graphs
import Tensors

// The operations that take several of MindSpore's operators, or many settings.

extension GraphBuilder {
    /// 1 or 0, where MindSpore has true or false.
    mutating func isAtLeast(_ a: Operand, _ b: Operand, giving type: ExportedType) -> Operand {
        let truth = call(.greaterEqual, a, b, giving: ExportedType(type.dimensions, .bool))
        return call(.cast, truth, TypeID.float32, giving: type)
    }

    /// The sum over some dimensions, which are then gone.
    mutating func sum(_ x: Operand, over axes: [Int], giving type: ExportedType) -> Operand {
        // No axes would mean all of them.
        axes.isEmpty ? x : call(.reduceSum, x, axes, false, false, giving: type)
    }

    mutating func sumOfSquares(_ x: Operand, giving type: ExportedType) -> Operand {
        sum(call(.square, x, giving: x.type), over: Array(0..<x.type.rank), giving: type)
    }

    /// The mean of all elements.
    mutating func mean(_ x: Operand, giving type: ExportedType) -> Operand {
        x.type.rank == 0 ? x : call(.reduceMean, x, Array(0..<x.type.rank), false, giving: type)
    }

    mutating func addBias(_ x: Operand, _ bias: Operand, axis: Int) -> Operand {
        // BiasAdd knows [N, C] and [N, C, H, W].
        if axis == 1 && [2, 4].contains(x.type.rank) {
            return call(.biasAdd, x, bias, DataFormat.nchw, giving: x.type)
        }
        return call(.add, x, alongAxis(axis, of: x.type, bias), giving: x.type)
    }

    /// A vector with dimensions of size 1 around it, so that it lies along one dimension of `type`.
    mutating func alongAxis(_ axis: Int, of type: ExportedType, _ vector: Operand) -> Operand {
        guard type.rank > 1 else { return vector }
        let shape = (0..<type.rank).map { $0 == axis ? -1 : 1 }
        let dimensions = (0..<type.rank).map { $0 == axis ? type.dimensions[axis] : 1 }
        return call(.reshape, vector, shape, giving: ExportedType(dimensions))
    }

    mutating func convolution(
        _ operation: Operation, _ settings: Convolution, _ x: Operand, _ weight: Operand, giving type: ExportedType
    ) throws(MindIRError) -> Operand {
        let size = try known(weight.type.dimensions, operation)
        return call(
            .conv2D, x, weight,
            attributes: [
                "kernel_size": [size[2], size[3]], "mode": 1, "out_channel": size[0], "pad": settings.padding,
                "pad_mode": settings.padding == [0, 0, 0, 0] ? "valid" : "pad", "format": "NCHW",
                "pad_list": settings.padding, "groups": 1, "stride": [1, 1] + settings.stride, "group": 1,
                "dilation": [1, 1] + settings.dilation,
            ], giving: type)
    }

    mutating func maxPool(
        _ operation: Operation, _ settings: Pooling, _ x: Operand, giving type: ExportedType
    ) throws(MindIRError) -> Operand {
        let padding = settings.padding
        guard padding != [0, 0, 0, 0] else {
            return call(
                .maxPool, x,
                attributes: [
                    "kernel_size": [1, 1] + settings.kernel, "strides": [1, 1] + settings.stride, "pad_mode": "VALID",
                    "format": "NCHW",
                ], giving: type)
        }
        guard padding[0] == padding[1], padding[2] == padding[3] else {
            throw refusal(operation, "MindSpore pads both sides alike, not by \(padding)")
        }
        guard 2 * padding[0] <= settings.kernel[0], 2 * padding[2] <= settings.kernel[1] else {
            throw refusal(operation, "MindSpore pads by half a window of \(settings.kernel) at most, not by \(padding)")
        }
        return paddedMaxPool(settings, x, giving: type)
    }

    /// As MindSpore's `nn.MaxPool2d` does it: in three dimensions, of which the first has one place.
    private mutating func paddedMaxPool(_ settings: Pooling, _ x: Operand, giving type: ExportedType) -> Operand {
        let volume = call(.expandDims, x, 2, giving: x.type.insertingOne(at: 2))
        let values = type.insertingOne(at: 2)
        let pooled = callForFirst(
            .maxPool3DWithArgmax, volume,
            attributes: [
                "ksize": [1] + settings.kernel, "strides": [1] + settings.stride,
                "pads": [0, settings.padding[0], settings.padding[2]], "dilation": [1, 1, 1], "ceil_mode": false,
                "argmax_type": "int64", "format": "NCDHW",
            ], giving: [values, ExportedType(values.dimensions, .int64)])
        return call(.squeeze, pooled, [2], giving: type)
    }

    /// Rows with a 1 in the place of their label; with a label below 0, which does not count, rows of zeros.
    mutating func oneHot(
        _ operation: Operation, _ labels: Operand, classes: Int
    ) throws(MindIRError) -> Operand {
        let depth = try known([classes], operation)[0]
        return call(
            .oneHot, labels, depth, Tensor(scalar: Float(1)), Tensor(scalar: Float(0)), -1,
            giving: ExportedType([labels.type.dimensions[0], depth]))
    }

    mutating func crossEntropy(_ logits: Operand, _ labels: Operand, giving type: ExportedType) -> Operand {
        callForFirst(.softmaxCrossEntropyWithLogits, logits, labels, giving: [type, logits.type])
    }

    /// A shape for Reshape, which finds one size itself.
    func openOnce(_ dimensions: [Int], _ operation: Operation) throws(MindIRError) -> [Int] {
        guard dimensions.count(where: { $0 == ExportedType.open }) <= 1 else {
            throw refusal(operation, "two dimensions of its result depend on the batch size, which is open")
        }
        return dimensions
    }

    /// A shape none of which depends on the batch size.
    func known(_ dimensions: [Int], _ operation: Operation) throws(MindIRError) -> [Int] {
        guard !dimensions.contains(ExportedType.open) else {
            throw refusal(operation, "its settings depend on the batch size, which is open")
        }
        return dimensions
    }
}

extension ExportedType {
    fileprivate func insertingOne(at axis: Int) -> ExportedType {
        ExportedType(dimensions[..<axis] + [1] + dimensions[axis...], elementType)
    }
}

/// MindSpore's numbers for element types where an operator takes one.
private enum TypeID {
    static let float32 = 43
}

/// MindSpore's numbers for the order of an image's dimensions.
private enum DataFormat {
    static let nchw = 0
}
