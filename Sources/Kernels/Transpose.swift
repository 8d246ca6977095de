import Memory

/// Transposes a matrix: [rows, columns] → [columns, rows].
public func transpose(_ x: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int) {
    require(x.count, of: "x", is: rows * columns)
    require(result.count, of: "the result", is: rows * columns)
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in
            unsafe transposeBlocks(x, stride: columns, into: result, stride: rows, rows: rows, columns: columns)
        }
    }
}

/// The largest number of dimensions that ``transpose(_:into:shape:permutation:)`` takes.
public let maximumDimensions = 8

/// Permutes the dimensions of a tensor: dimension `d` of the result is dimension `permutation[d]` of `x`.
///
/// `x` has `shape`, the result has `permutation.map { shape[$0] }`; at most 8 dimensions. MindSpore: `Transpose`.
public func transpose(
    _ x: Span<Float>, into result: inout MutableSpan<Float>, shape: [Int], permutation: [Int]
) {
    let count = shape.reduce(1, *)
    require(x.count, of: "x", is: count)
    require(result.count, of: "the result", is: count)
    let plan = PermutationPlan(shape: shape, permutation: permutation)
    guard count > 0 else { return }
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in unsafe plan.run(x, into: result) }
    }
}

/// How a permutation walks through both tensors: the last dimension of the result, the last one of `x`, and the others.
private struct PermutationPlan {
    /// A dimension of the result: its length, and how far apart its elements lie in `x` and in the result.
    struct Dimension {
        var length = 1
        var source = 0
        var target = 0
    }

    /// All dimensions but the two inner ones; the unused ones have length 1.
    var outer = InlineArray<8, Dimension>(repeating: Dimension())

    /// The last dimension of the result.
    var last = Dimension(length: 1, source: 1, target: 1)

    /// The last dimension of `x`, when that is another one.
    var crossing = Dimension()

    init(shape: [Int], permutation: [Int]) {
        insist(
            shape.count == permutation.count && shape.count <= maximumDimensions,
            "transpose: \(permutation) is no permutation of the at most 8 dimensions of \(shape)")
        var seen = 0
        var target = 1
        for place in permutation.indices.reversed() {
            let from = permutation[place]
            insist(
                from >= 0 && from < shape.count && seen & (1 << from) == 0,
                "transpose: \(permutation) is no permutation of the dimensions of \(shape)")
            seen |= 1 << from
            var source = 1
            for inner in shape.indices where inner > from { source *= shape[inner] }
            let dimension = Dimension(length: shape[from], source: source, target: target)
            if place == permutation.count - 1 {
                last = dimension
            } else if from == shape.count - 1 {
                crossing = dimension
            } else {
                outer[place] = dimension
            }
            target *= dimension.length
        }
    }

    func run(_ x: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
        var position = InlineArray<8, Int>(repeating: 0)
        var (source, target) = (0, 0)
        while true {
            unsafe runInner(x + source, into: result + target)
            // The next place, as an odometer counts: the first wheel that is not at its end turns, those passed go back.
            var wheel = 0
            while wheel < outer.count {
                position[wheel] += 1
                source += outer[wheel].source
                target += outer[wheel].target
                if position[wheel] < outer[wheel].length { break }
                source -= outer[wheel].source * outer[wheel].length
                target -= outer[wheel].target * outer[wheel].length
                position[wheel] = 0
                wheel += 1
            }
            if wheel == outer.count { return }
        }
    }

    private func runInner(_ x: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
        guard last.source != 1 else {
            // The last dimension stays the last: rows are copied. (If `x` has one row only, this is all there is.)
            forEachLanes(of: last.length) { i, width in
                unsafe Lanes(at: x + i, width: width).store(to: result + i, width: width)
            }
            return
        }
        unsafe transposeBlocks(
            x, stride: last.source, into: result, stride: crossing.target, rows: last.length, columns: crossing.length)
    }
}

/// Transposes a matrix whose rows lie `xStride` apart into one whose rows lie `resultStride` apart.
private func transposeBlocks(
    _ x: UnsafePointer<Float>, stride xStride: Int, into result: UnsafeMutablePointer<Float>, stride resultStride: Int,
    rows: Int, columns: Int
) {
    // Blocks of 16 columns: the 16 cache lines written stay in the first-level cache until they are full.
    for first in stride(from: 0, to: columns, by: 16) {
        let end = min(first + 16, columns)
        for row in 0..<rows {
            for column in first..<end {
                unsafe result[column * resultStride + row] = x[row * xStride + column]
            }
        }
    }
}
