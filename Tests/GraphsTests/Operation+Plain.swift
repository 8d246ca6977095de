import Glibc
import Tensors

@testable import Execution
@testable import Graphs
@testable import LayerOperations

extension Graphs.Operation {
    /// The first result for these inputs; nil if it has no plain loop.
    func plainResult(_ x: [Plain]) -> [Double]? {
        switch self {
        case is Unary, is TanhGELU: plainUnary(name, x[0])
        case is Binary: plainBinary(name, x[0], x[1])
        case is IsAtLeast: x[0].zip(x[1]) { $0 >= $1 ? 1 : 0 }
        case let scale as Scale: x[0].map { $0 * Double(scale.factor) }
        case let shift as Shift: x[0].map { $0 + Double(shift.number) }

        case is Reshape, is ThroughScratch: x[0].values
        case let transpose as Transpose: plainTranspose(x[0], transpose.order)
        case let bias as AddBias: zip(x[0].values, x[0].indices(inDimension: bias.axis)).map { $0 + x[1].values[$1] }
        case let sum as SumToAxis: plainSum(x[0], toAxis: sum.axis)
        case is Sum: [x[0].values.reduce(0, +)]
        case is SumOfSquares: [x[0].values.reduce(0) { $0 + $1 * $1 }]
        case let fill as Fill: Array(repeating: x[0].values[0], count: fill.shape.elementCount)
        case is ScaleBy: x[0].map { $0 * x[1].values[0] }
        case is ScaleRows: zip(x[0].rows, x[1].values).flatMap { row, factor in row.map { $0 * factor } }
        case is SumRows: x[0].rows.map { $0.reduce(0, +) }

        case let product as MatrixMultiply: plainProduct(x[0], x[1], product.transposeA, product.transposeB)
        case let convolution as Convolve: plainConvolution(x[0], x[1], convolution.settings)
        case let pool as MaxPool: plainMaximum(x[0], pool.settings)
        case let softmax as RowSoftmax: plainSoftmax(x[0], softmax)
        case is SparseCrossEntropy: zip(x[0].rows, x[1].values).map { $1 < 0 ? 0 : -plainLogSoftmax($0)[Int($1)] }
        case is CrossEntropy:
            zip(x[0].rows, x[1].rows).map { row, share in
                -zip(plainLogSoftmax(row), share).reduce(0) { $0 + $1.0 * $1.1 }
            }
        case let norm as LayerNormalization: plainLayerNorm(x, Double(norm.epsilon))
        case let gather as GatherRows: plainRows(x[0], x[1], gather.first)
        case let attention as Attend: plainAttention(x[0], attention.settings)

        default: plainLayer(x) ?? plainOfAnyShape(x)
        }
    }
}

private func plainSoftmax(_ x: Plain, _ softmax: RowSoftmax) -> [Double] {
    x.rows.flatMap { row in plainLogSoftmax(row).map { softmax == .logarithm ? $0 : Glibc.exp($0) } }
}

private func plainUnary(_ name: String, _ x: Plain) -> [Double]? {
    switch name {
    case "negate": x.map { -$0 }
    case "exp": x.map { Glibc.exp($0) }
    case "log": x.map { Glibc.log($0) }
    case "sqrt": x.map { $0.squareRoot() }
    case "square": x.map { $0 * $0 }
    case "reciprocal": x.map { 1 / $0 }
    case "tanh": x.map { Glibc.tanh($0) }
    case "sigmoid": x.map { 1 / (1 + Glibc.exp(-$0)) }
    case "relu": x.map { max($0, 0) }
    case "gelu":
        x.map { 0.5 * $0 * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
    default: plainFunction(name, x)
    }
}

private func plainBinary(_ name: String, _ a: Plain, _ b: Plain) -> [Double]? {
    switch name {
    case "add": a.zip(b, +)
    case "subtract": a.zip(b, -)
    case "multiply": a.zip(b, *)
    case "divide": a.zip(b, /)
    case "maximum": a.zip(b, max)
    case "minimum": a.zip(b, min)
    default: nil
    }
}

private func plainLogSoftmax(_ row: [Double]) -> [Double] {
    let logarithm = log(row.reduce(0) { $0 + exp($1) })
    return row.map { $0 - logarithm }
}

private func plainSum(_ x: Plain, toAxis axis: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: x.shape[axis])
    for (value, index) in zip(x.values, x.indices(inDimension: axis)) { sums[index] += value }
    return sums
}

private func plainTranspose(_ x: Plain, _ order: [Int]) -> [Double] {
    let indices = x.shape.dimensions.indices.map { x.indices(inDimension: $0) }
    var result = x.values
    for element in x.values.indices {
        let place = order.reduce(0) { $0 * x.shape[$1] + indices[$1][element] }
        result[place] = x.values[element]
    }
    return result
}

private func plainProduct(_ a: Plain, _ b: Plain, _ transposeA: Bool, _ transposeB: Bool) -> [Double] {
    let (rows, columns) = (a.shape[transposeA ? 1 : 0], b.shape[transposeB ? 0 : 1])
    return (0..<rows).flatMap { i in
        (0..<columns).map { j in
            (0..<a.shape[transposeA ? 0 : 1]).reduce(0) { sum, k in
                sum + (transposeA ? a[k, i] : a[i, k]) * (transposeB ? b[j, k] : b[k, j])
            }
        }
    }
}

private func plainConvolution(_ x: Plain, _ weight: Plain, _ settings: Convolution) -> [Double] {
    guard let shape = try? settings.outputShape(input: x.shape, weight: weight.shape) else { return [] }
    var result: [Double] = []
    for (n, output) in places(shape[0], shape[1]) {
        for (i, j) in places(shape[2], shape[3]) {
            var sum = 0.0
            for (h, w) in places(weight.shape[2], weight.shape[3]) {
                let y = i * settings.stride[0] + h * settings.dilation[0] - settings.padding[0]
                let z = j * settings.stride[1] + w * settings.dilation[1] - settings.padding[2]
                guard (0..<x.shape[2]).contains(y), (0..<x.shape[3]).contains(z) else { continue }
                let first = output / (weight.shape[0] / settings.group) * weight.shape[1]
                for channel in 0..<weight.shape[1] {
                    sum += x[n, first + channel, y, z] * weight[output, channel, h, w]
                }
            }
            result.append(sum)
        }
    }
    return result
}

private func plainMaximum(_ x: Plain, _ settings: Pooling) -> [Double] {
    guard let shape = try? settings.outputShape(input: x.shape) else { return [] }
    var result: [Double] = []
    for (n, channel) in places(shape[0], shape[1]) {
        for (i, j) in places(shape[2], shape[3]) {
            var largest = -Double.infinity
            for (h, w) in places(settings.kernel[0], settings.kernel[1]) {
                let y = i * settings.stride[0] + h - settings.padding[0]
                let z = j * settings.stride[1] + w - settings.padding[2]
                guard (0..<x.shape[2]).contains(y), (0..<x.shape[3]).contains(z) else { continue }
                largest = max(largest, x[n, channel, y, z])
            }
            result.append(largest)
        }
    }
    return result
}

/// All pairs of indices below two sizes, row by row.
func places(_ height: Int, _ width: Int) -> [(Int, Int)] {
    (0..<height).flatMap { i in (0..<width).map { (i, $0) } }
}
