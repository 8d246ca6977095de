import Tensors

/// A shape as [outer, axis, inner] around one axis.
struct AxisView {
    let outer: Int
    let axis: Int
    let inner: Int

    init(_ shape: Shape, axis: Int) {
        outer = shape.dimensions[..<axis].reduce(1, *)
        self.axis = shape[axis]
        inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    }
}
