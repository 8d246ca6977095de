import Graphs
import Kernels
import LayerKernels
import Tensors

/// Images [N, C, H, W] in another size.
struct ResizeImages: Operation, Sendable {
    let height: Int
    let width: Int
    let rule: ResizeAxis.Rule

    var name: String { "resize" }

    var inputCount: Int? { 1 }

    var description: String { "\(name)(\(height), \(width), \(rule))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let x = inputs[0].shape
        try demand(x.rank == 4 && x[2] > 0 && x[3] > 0, "needs images [N, C, H, W], not", inputs)
        try demand(height > 0 && width > 0, "leaves nothing of", inputs)
        return [TensorType([x[0], x[1], height, width])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.apply(Gradient(settings: self, shape: x[0].shape))]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (planes, vertical, horizontal) = geometry(of: operands.shape)
        return operands.unary { [pool = operands.pool] in
            LayerKernels.resize2D(
                $0, into: &$1, planes: planes, height: vertical, width: horizontal, pool: pool)
        }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        switch rule {
        case .nearest: calls.call(.resizeNearestNeighbor, calls.x[0], [height, width], false, false)
        case .linear: calls.call(.resizeBilinear, calls.x[0], [height, width], false, true)
        case .linearAlignedCorners: calls.call(.resizeBilinear, calls.x[0], [height, width], true, false)
        }
    }

    fileprivate func geometry(of images: Shape) -> (planes: Int, height: ResizeAxis, width: ResizeAxis) {
        (
            images[0] * images[1], ResizeAxis(input: images[2], output: height, rule: rule),
            ResizeAxis(input: images[3], output: width, rule: rule)
        )
    }
}

extension ResizeImages {
    /// The gradient of images of `shape` from that of the result.
    struct Gradient: Operation, Sendable {
        let settings: ResizeImages
        let shape: Shape

        var name: String { "resizeGradient" }

        var inputCount: Int? { 1 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] { [TensorType(shape)] }

        func kernel(_ operands: Operands) -> () -> Void {
            let (planes, vertical, horizontal) = settings.geometry(of: shape)
            return operands.unary { [pool = operands.pool] in
                LayerKernels.resize2DGradient(
                    $0, into: &$1, planes: planes, height: vertical, width: horizontal, pool: pool)
            }
        }
    }
}
