import Kernels
import LayerKernels
package import Tensors

/// Many elements made one, over some dimensions of a value.
///
/// A table has a line for each: what it is called, the kernel's reduction, MindSpore's operator, and the gradient of the input
/// `x` from the result `y` and its gradient `g`, both with the reduced dimensions kept at size 1, and the number of elements that
/// became one.
struct Reduce: Operation, Sendable {
    let name: String
    let axes: [Int]
    let keepsDimensions: Bool
    private let reduction: Reduction
    private let primitive: MindSporeOperator
    private let gradient: @Sendable (_ x: Symbol, _ y: Symbol, _ g: Symbol, _ count: Int) -> Symbol

    fileprivate init(
        _ name: String, _ axes: [Int], _ keepsDimensions: Bool, _ reduction: Reduction, _ primitive: MindSporeOperator,
        gradient: @escaping @Sendable (_ x: Symbol, _ y: Symbol, _ g: Symbol, _ count: Int) -> Symbol
    ) {
        self.name = name
        self.axes = axes
        self.keepsDimensions = keepsDimensions
        self.reduction = reduction
        self.primitive = primitive
        self.gradient = gradient
    }

    var inputCount: Int? { 1 }

    var description: String { "\(name)(\(axes), keepsDimensions: \(keepsDimensions))" }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        let shape = inputs[0].shape
        try demand(
            Set(axes).count == axes.count && axes.allSatisfy((0..<shape.rank).contains),
            "finds no such different dimensions in", inputs)
        let left = shape.dimensions.indices.filter { !axes.contains($0) }.map { shape[$0] }
        return [TensorType(Shape(keepsDimensions ? kept(shape) : left))]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        let shape = Shape(kept(x[0].shape))
        let count = axes.reduce(1) { $0 * x[0].shape[$1] }
        return [gradient(x[0], y[0].withShape(shape), g.withShape(shape), count)]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let plan = ReductionPlan(shape: operands.shape.dimensions, axes: axes)
        return operands.unary { [reduction, pool = operands.pool] in plan.apply(reduction, $0, into: &$1, pool: pool) }
    }

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        if case .sum = reduction { return calls.call(primitive, calls.x[0], axes, keepsDimensions, false) }
        return calls.call(primitive, calls.x[0], axes, keepsDimensions)
    }

    private func kept(_ shape: Shape) -> [Int] {
        shape.dimensions.indices.map { axes.contains($0) ? 1 : shape[$0] }
    }
}

/// The table.
extension Operation where Self == Reduce {
    static func reduceSum(_ axes: [Int], keepsDimensions: Bool) -> Self {
        Self("reduceSum", axes, keepsDimensions, .sum, .reduceSum) { x, y, g, _ in g.expanded(to: x.shape) }
    }
    static func reduceMean(_ axes: [Int], keepsDimensions: Bool) -> Self {
        Self("reduceMean", axes, keepsDimensions, .mean, .reduceMean) { x, y, g, count in
            (g * (1 / Float(count))).expanded(to: x.shape)
        }
    }
    static func reduceMaximum(_ axes: [Int], keepsDimensions: Bool) -> Self {
        Self("reduceMaximum", axes, keepsDimensions, .maximum, .reduceMax) { x, y, g, _ in shared(g, axes, x, y) }
    }
    static func reduceMinimum(_ axes: [Int], keepsDimensions: Bool) -> Self {
        Self("reduceMinimum", axes, keepsDimensions, .minimum, .reduceMin) { x, y, g, _ in shared(g, axes, x, y) }
    }
}

/// The gradient in equal shares to the elements that are the extreme one, as in MindSpore.
private func shared(_ g: Symbol, _ axes: [Int], _ x: Symbol, _ y: Symbol) -> Symbol {
    let places = x.isEqual(to: y)
    return places * (g / places.sum(over: axes, keepsDimensions: true))
}

extension Symbol {
    /// ``reshaped(to:)`` where the shape is another one.
    package func withShape(_ shape: Shape) -> Symbol { self.shape == shape ? self : reshaped(to: shape) }

    /// The sum over what was repeated to make this shape of another one.
    func summed(to shape: Shape) -> Symbol {
        let added = self.shape.rank - shape.rank
        let axes = self.shape.dimensions.indices.filter {
            $0 < added || shape[$0 - added] == 1 && self.shape[$0] != 1
        }
        return sum(over: axes).withShape(shape)
    }
}
