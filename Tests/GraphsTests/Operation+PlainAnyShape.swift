import Glibc
import Kernels
import LayerKernels
import Tensors

@testable import Execution
@testable import Graphs
@testable import LayerOperations

// Operations on values of any shapes as plain loops in double precision.

extension Graphs.Operation {
    /// The first result for these inputs; nil if it has no plain loop.
    func plainOfAnyShape(_ x: [Plain]) -> [Double]? {
        guard let shape = try? resultTypes(of: x.map { TensorType($0.shape) }).first?.shape else { return nil }
        let all = places(of: shape.dimensions)
        switch self {
        case is Broadcast: return all.map { plainPair(name, x[0].repeated($0), x[1].repeated($0)) }
        case is Expand: return all.map { x[0].repeated($0) }
        case is Select: return x[0].values.indices.map { x[0].values[$0] != 0 ? x[1].values[$0] : x[2].values[$0] }
        case let clip as Clip: return x[0].map { min(max($0, Double(clip.lower)), Double(clip.upper)) }
        case let power as Power: return x[0].map { pow($0, Double(power.exponent)) }
        case let reduce as Reduce: return plainReduce(name, x[0], reduce.axes)
        case let cut as Cut:
            return all.map { place in x[0].repeated(place.indices.map { cut.starts[$0] + place[$0] * cut.steps[$0] }) }
        case let pad as Pad: return plainPad(x[0], pad, into: shape)
        case let join as Concatenate: return all.map { plainPart(x, $0, join.axis) }
        case let gather as Gather:
            return all.map { place in
                let behind = gather.axis + x[1].shape.rank
                let number = x[1].repeated(Array(place[gather.axis..<behind]))
                return x[0].repeated(Array(place[..<gather.axis]) + [Int(number)] + Array(place[behind...]))
            }
        case let rows as OneHotRows:
            return x[0].values.flatMap { number in (0..<rows.classes).map { Double($0) == number ? 1 : 0 } }
        case let sum as CumulativeSum: return all.map { plainSum(x[0], $0, sum) }
        case let product as BatchMatrixMultiply: return all.map { plainProduct(x, $0, product) }
        case let resize as ResizeImages: return all.map { plainResize(x[0], $0, resize) }
        case let activate as Activate: return x[0].map { plainActivation(activate.activation, $0) }
        default: return nil
        }
    }
}

func plainFunction(_ name: String, _ x: Plain) -> [Double]? {
    switch name {
    case "absolute": x.map { abs($0) }
    case "sign": x.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
    case "sine": x.map { sin($0) }
    case "cosine": x.map { cos($0) }
    case "reciprocalRoot": x.map { 1 / $0.squareRoot() }
    case "errorFunction": x.map { erf($0) }
    default: nil
    }
}

/// Every place of a shape, in order.
private func places(of shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { all, size in all.flatMap { place in (0..<size).map { place + [$0] } } }
}

extension Plain {
    /// The element at a place, of which the last dimensions count, and none where this value has size 1.
    fileprivate func repeated(_ place: [Int]) -> Double {
        var index = 0
        for (own, size) in Swift.zip(place.suffix(shape.rank), shape.dimensions) {
            index = index * size + (size == 1 ? 0 : own)
        }
        return values[index]
    }
}

private func plainPair(_ name: String, _ a: Double, _ b: Double) -> Double {
    switch name {
    case "broadcastAdd": a + b
    case "broadcastSubtract": a - b
    case "broadcastMultiply": a * b
    case "broadcastDivide": a / b
    case "broadcastMaximum": max(a, b)
    case "broadcastMinimum": min(a, b)
    case "power": pow(a, b)
    case "equal": a == b ? 1 : 0
    case "notEqual": a != b ? 1 : 0
    case "less": a < b ? 1 : 0
    case "lessOrEqual": a <= b ? 1 : 0
    case "greater": a > b ? 1 : 0
    case "greaterOrEqual": a >= b ? 1 : 0
    default: .nan
    }
}

private func plainReduce(_ name: String, _ x: Plain, _ axes: [Int]) -> [Double] {
    let kept = x.shape.dimensions.indices.filter { !axes.contains($0) }
    var groups = [[Double]](repeating: [], count: kept.reduce(1) { $0 * x.shape[$1] })
    for (value, place) in zip(x.values, places(of: x.shape.dimensions)) {
        groups[kept.reduce(0) { $0 * x.shape[$1] + place[$1] }].append(value)
    }
    return groups.map { group in
        switch name {
        case "reduceSum": group.reduce(0, +)
        case "reduceMean": group.reduce(0, +) / Double(group.count)
        case "reduceMaximum": group.max() ?? .nan
        default: group.min() ?? .nan
        }
    }
}

private func plainPad(_ x: Plain, _ pad: Pad, into shape: Shape) -> [Double] {
    var result = [Double](repeating: Double(pad.value), count: shape.elementCount)
    for (value, place) in zip(x.values, places(of: x.shape.dimensions)) {
        var index = 0
        for axis in place.indices { index = index * shape[axis] + pad.before[axis] + place[axis] * pad.steps[axis] }
        result[index] = value
    }
    return result
}

private func plainPart(_ x: [Plain], _ place: [Int], _ axis: Int) -> Double {
    var place = place
    for part in x {
        if place[axis] < part.shape[axis] { return part.repeated(place) }
        place[axis] -= part.shape[axis]
    }
    return .nan
}

private func plainSum(_ x: Plain, _ place: [Int], _ sum: CumulativeSum) -> Double {
    let own = place[sum.axis]
    let counted = (0..<x.shape[sum.axis]).filter { index in
        (sum.reverse ? index > own : index < own) || index == own && !sum.exclusive
    }
    return counted.reduce(0) { total, index in
        var place = place
        place[sum.axis] = index
        return total + x.repeated(place)
    }
}

private func plainProduct(_ x: [Plain], _ place: [Int], _ product: BatchMatrixMultiply) -> Double {
    let batch = Array(place.dropLast(2))
    let (i, j) = (place[place.count - 2], place[place.count - 1])
    var sum = 0.0
    for k in 0..<x[0].shape[product.transposeA ? -2 : -1] {
        let a = x[0].repeated(batch + (product.transposeA ? [k, i] : [i, k]))
        sum += a * x[1].repeated(batch + (product.transposeB ? [j, k] : [k, j]))
    }
    return sum
}

/// The element of a resized image between those of the image around it.
private func plainResize(_ x: Plain, _ place: [Int], _ resize: ResizeImages) -> Double {
    func shares(_ index: Int, _ input: Int, _ output: Int) -> [(Int, Double)] {
        let position: Double
        switch resize.rule {
        case .nearest: return [(index * input / output, 1)]
        case .linear: position = max((Double(index) + 0.5) * Double(input) / Double(output) - 0.5, 0)
        case .linearAlignedCorners:
            position = output > 1 ? Double(index) * Double(input - 1) / Double(output - 1) : 0
        }
        let lower = min(Int(position), input - 1)
        return [(lower, 1 - position + Double(lower)), (min(lower + 1, input - 1), position - Double(lower))]
    }
    let vertical = shares(place[2], x.shape[2], resize.height)
    let horizontal = shares(place[3], x.shape[3], resize.width)
    var sum = 0.0
    for (row, down) in vertical {
        for (column, across) in horizontal { sum += down * across * x[place[0], place[1], row, column] }
    }
    return sum
}

private func plainActivation(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
    case .silu: x / (1 + exp(-x))
    case .leakyReLU(let slope): x < 0 ? Double(slope) * x : x
    case .elu(let alpha): x < 0 ? Double(alpha) * (exp(x) - 1) : x
    case .softplus: log(1 + exp(x))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .relu6: min(max(x, 0), 6)
    }
}
