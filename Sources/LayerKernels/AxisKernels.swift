import Kernels
import Memory

/// A tensor as one of its dimensions sees it: [outer, length, inner] in memory.
public struct AxisGeometry: Sendable, Hashable {
    /// The number of elements of all dimensions before.
    public let outer: Int

    /// The length of the dimension itself.
    public let length: Int

    /// The number of elements of all dimensions behind.
    public let inner: Int

    /// The dimension `axis` of `shape`, which may count from the last as −1.
    public init(shape: [Int], axis: Int) {
        let place = axis < 0 ? axis + shape.count : axis
        insist(shape.indices.contains(place), "\(axis) is no dimension of \(shape)")
        outer = shape[..<place].reduce(1, *)
        length = shape[place]
        inner = shape[(place + 1)...].reduce(1, *)
    }

    /// The number of elements of the tensor.
    public var count: Int { outer * length * inner }
}

/// Sums up along a dimension: each element is the sum of those up to it (MindSpore: `CumSum`).
///
/// - Parameters:
///   - exclusive: whether the element itself is left out.
///   - reverse: whether the sums begin at the end; the gradient of a sum is one in the other direction.
public func cumulativeSum(
    _ x: Span<Float>, into result: inout MutableSpan<Float>, geometry: AxisGeometry, exclusive: Bool = false,
    reverse: Bool = false
) {
    require(x.count, of: "x", is: geometry.count)
    require(result.count, of: "the result", is: geometry.count)
    let (length, inner) = (geometry.length, geometry.inner)
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in
            for outer in 0..<geometry.outer {
                forEachLanes(of: inner) { i, width in
                    var total = Lanes.zero
                    for step in 0..<length {
                        let index = reverse ? length - 1 - step : step
                        let place = (outer * length + index) * inner + i
                        let own = unsafe Lanes(at: x + place, width: width)
                        let sum = total + own
                        unsafe (exclusive ? total : sum).store(to: result + place, width: width)
                        total = sum
                    }
                }
            }
        }
    }
}

/// Finds the place of the largest element along a dimension: [outer, length, inner] → [outer, inner].
///
/// The first of equals is taken. NaN is never the largest; nothing but NaN gives 0. MindSpore: `Argmax`.
public func argmax(_ x: Span<Float>, into places: inout MutableSpan<Int32>, geometry: AxisGeometry) {
    require(x.count, of: "x", is: geometry.count)
    require(places.count, of: "the result", is: geometry.outer * geometry.inner)
    insist(geometry.count > 0 || places.isEmpty, "argmax: \(geometry.length) elements have no largest")
    for outer in 0..<geometry.outer {
        for inner in 0..<geometry.inner {
            var (best, largest) = (0, -Float.infinity)
            for index in 0..<geometry.length {
                let value = x[(outer * geometry.length + index) * geometry.inner + inner]
                if value > largest { (best, largest) = (index, value) }
            }
            places[outer * geometry.inner + inner] = Int32(truncatingIfNeeded: best)
        }
    }
}

/// Takes elements along a dimension: [outer, length, inner] → [outer, indices, inner] (MindSpore: `Gather`).
///
/// Indices below zero count from the end; one that is outside ends the program.
public func gather(
    _ x: Span<Float>, indices: Span<Int32>, into result: inout MutableSpan<Float>, geometry: AxisGeometry
) {
    let (count, inner) = (indices.count, geometry.inner)
    require(x.count, of: "x", is: geometry.count)
    require(result.count, of: "the result", is: geometry.outer * count * inner)
    for outer in 0..<geometry.outer {
        for place in 0..<count {
            let from = (outer * geometry.length + geometry.index(indices[place])) * inner
            let to = (outer * count + place) * inner
            for i in 0..<inner { result[to + i] = x[from + i] }
        }
    }
}

/// The gradient of ``gather(_:indices:into:geometry:)``: clears the result, then adds each element's gradient to where it was
/// taken from, in the order of the indices.
public func scatterAdd(
    _ gradient: Span<Float>, indices: Span<Int32>, into result: inout MutableSpan<Float>, geometry: AxisGeometry
) {
    let (count, inner) = (indices.count, geometry.inner)
    require(gradient.count, of: "the gradient", is: geometry.outer * count * inner)
    require(result.count, of: "the result", is: geometry.count)
    fill(&result, with: 0)
    for outer in 0..<geometry.outer {
        for place in 0..<count {
            let to = (outer * geometry.length + geometry.index(indices[place])) * inner
            let from = (outer * count + place) * inner
            for i in 0..<inner { result[to + i] += gradient[from + i] }
        }
    }
}

/// Takes the elements of `a` where `condition` is not 0, and those of `b` elsewhere (MindSpore: `Select`, `where`).
public func select(
    _ condition: Span<Float>, _ a: Span<Float>, _ b: Span<Float>, into result: inout MutableSpan<Float>
) {
    let count = condition.count
    require(a.count, of: "the first array", is: count)
    require(b.count, of: "the second array", is: count)
    require(result.count, of: "the result", is: count)
    unsafe withAddresses(condition, a, b) { condition, a, b in
        unsafe result.withAddress { result in
            forEachLanes(of: count) { i, width in
                let isTrue = unsafe Lanes(at: condition + i, width: width) .!= 0
                let chosen = unsafe Lanes(at: b + i, width: width)
                    .replacing(with: Lanes(at: a + i, width: width), where: isTrue)
                unsafe chosen.store(to: result + i, width: width)
            }
        }
    }
}

extension AxisGeometry {
    /// The element that an index names.
    fileprivate func index(_ index: Int32) -> Int {
        let place = index < 0 ? Int(index) + length : Int(index)
        insist(place >= 0 && place < length, "index \(index) is outside a dimension of \(length) elements")
        return place
    }
}
