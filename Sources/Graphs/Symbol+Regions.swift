import LayerKernels
import Memory
public import Tensors

// Parts of values and what is made of parts, as a cell writes them. Axes may count from the last as −1.

extension Symbol {
    /// This value repeated into a shape, as arithmetic would repeat it (MindSpore's `BroadcastTo`).
    public func expanded(to shape: Shape) -> Symbol {
        if self.shape == shape { return self }
        return self.shape == .scalar ? filling(shape) : apply(Expand(shape: shape))
    }

    /// Values one behind the other along a dimension (MindSpore's `Concat`).
    public static func concatenated(_ values: [Symbol], axis: Int) -> Symbol {
        insist(!values.isEmpty, "no values cannot be joined")
        guard values.count > 1 else { return values[0] }
        return values[0].trace.apply(Concatenate(axis: values[0].place(axis)), to: values)[0]
    }

    /// Values of one shape along a new dimension (MindSpore's `Stack`). A node for each, and one.
    public static func stacked(_ values: [Symbol], axis: Int = 0) -> Symbol {
        let parts = values.map { value in
            var dimensions = value.shape.dimensions
            let place = axis < 0 ? axis + dimensions.count + 1 : axis
            insist((0...dimensions.count).contains(place), "\(value.type) cannot get a dimension \(axis)")
            dimensions.insert(1, at: place)
            return value.reshaped(to: Shape(dimensions))
        }
        return concatenated(parts, axis: axis)
    }

    /// Equal parts along a dimension (MindSpore's `Split`). A node for each.
    public func split(along axis: Int, into count: Int) -> [Symbol] {
        let size = shape[axis]
        insist(count > 0 && size % count == 0, "\(size) places of \(type) cannot be split into \(count) parts")
        return split(along: axis, sizes: Array(repeating: size / count, count: count))
    }

    /// Parts of these sizes along a dimension (MindSpore's `SplitWithSize`). A node for each.
    public func split(along axis: Int, sizes: [Int]) -> [Symbol] {
        insist(sizes.reduce(0, +) == shape[axis], "dimension \(axis) of \(type) does not consist of \(sizes)")
        var start = 0
        return sizes.map { size in
            defer { start += size }
            return sliced(along: axis, from: start, count: size)
        }
    }

    /// Some places of a dimension: every `step`th from `start` on, `count` of them.
    public func sliced(along axis: Int, from start: Int, count: Int, step: Int = 1) -> Symbol {
        let axis = place(axis)
        if start == 0 && count == shape[axis] && step == 1 { return self }
        let dimensions = shape.dimensions.indices
        return apply(
            Cut(
                starts: dimensions.map { $0 == axis ? start : 0 }, sizes: dimensions.map { $0 == axis ? count : nil },
                steps: dimensions.map { $0 == axis ? step : 1 }))
    }

    /// Some places of every dimension: every `steps`th from `starts` on, `sizes` of them (MindSpore's `StridedSlice`).
    public func sliced(from starts: [Int], sizes: [Int], by steps: [Int]? = nil) -> Symbol {
        let steps = steps ?? starts.map { _ in 1 }
        let counts: [Int?] = sizes.enumerated().map { axis, size in
            axis < shape.rank && size == shape[axis] && starts[axis] == 0 && steps[axis] == 1 ? nil : size
        }
        return apply(Cut(starts: starts, sizes: counts, steps: steps))
    }

    /// The value with a number around it: so many places before and behind it in each dimension (MindSpore's `pad`).
    public func padded(before: [Int], after: [Int], with value: Float = 0) -> Symbol {
        apply(Pad(before: before, after: after, steps: before.map { _ in 1 }, value: value))
    }

    /// Elements along a dimension by their int32 numbers (MindSpore's `Gather`). A number that is outside ends the program; below
    /// 0 it counts from the end, which MindSpore does not do.
    public func gathering(_ indices: Symbol, axis: Int) -> Symbol { apply(Gather(axis: place(axis)), indices) }

    /// For each int32 number a row with 1 in its place and 0 elsewhere; zeros for one that is none of the classes.
    public func oneHot(classes: Int) -> Symbol { apply(OneHotRows(classes: classes)) }

    /// The same of labels, of which one that is no class ends the program, but for those below 0 and one that is `ignored`.
    package func oneHot(classes: Int, ignoring ignored: Int) -> Symbol {
        apply(OneHotRows(classes: classes, onlyOther: ignored))
    }

    /// The products of matrices, [..., m, k] · [..., k, n] → [..., m, n], either of them transposed on reading; the dimensions
    /// before fit together (MindSpore's `BatchMatMul`).
    public func batchMultiplied(
        by other: Symbol, transposeA: Bool = false, transposeB: Bool = false
    ) -> Symbol {
        insist(shape.rank >= 2 && other.shape.rank >= 2, "matrices are multiplied, not \(type), \(other.type)")
        if other.shape.rank == 2 && !transposeA && shape.rank > 2 {
            // One product of all rows.
            let rows = reshaped(to: [shape.elementCount / max(shape[-1], 1), shape[-1]])
            let product = rows.matrixMultiplied(by: other, transposeB: transposeB)
            return product.reshaped(to: Shape(Array(shape.dimensions.dropLast()) + [product.shape[1]]))
        }
        let (own, others) = (
            Shape(Array(shape.dimensions.dropLast(2))), Shape(Array(other.shape.dimensions.dropLast(2)))
        )
        guard let batch = own.broadcast(with: others) else {
            misuse("the matrices of \(type) and \(other.type) do not fit together")
        }
        return matrices(batch).apply(
            BatchMatrixMultiply(transposeA: transposeA, transposeB: transposeB), other.matrices(batch))
    }

    /// The matrices repeated into a batch.
    private func matrices(_ batch: Shape) -> Symbol {
        expanded(to: Shape(batch.dimensions + shape.dimensions.suffix(2)))
    }
}
