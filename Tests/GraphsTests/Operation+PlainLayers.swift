import Glibc
import Tensors

@testable import Execution
@testable import Graphs
@testable import LayerOperations

extension Graphs.Operation {
    /// The first result of an operation that layers of images and sequences are made of; nil if it has no plain loop.
    func plainLayer(_ x: [Plain]) -> [Double]? {
        switch self {
        case let transposed as Convolve.InputGradient: plainTransposed(x[0], x[1], transposed)
        case let pool as AveragePool: plainAverage(x[0], pool.settings)
        case let norm as BatchNormalization:
            normalized(x[0], by: x[0].indices(inDimension: 1), x[1], x[2], Double(norm.epsilon))
        case let norm as ChannelNormalization: plainChannelNorm(x, Double(norm.epsilon))
        case let norm as GroupNormalization: plainGroupNorm(x, norm)
        case let norm as RMSNormalization: plainRMSNorm(x[0], x[1], Double(norm.epsilon))
        case let recurrence as Recurrence: plainRecurrence(x, recurrence)
        case is JoinRows: plainJoin(x[0], x[1])
        default: nil
        }
    }
}

/// Brings the elements of each group to mean 0 and deviation 1, then scales and shifts each channel.
private func normalized(
    _ x: Plain, by groups: [Int], _ scale: Plain, _ shift: Plain, _ epsilon: Double
) -> [Double] {
    var (means, squares, counts): ([Int: Double], [Int: Double], [Int: Double]) = ([:], [:], [:])
    for (value, group) in zip(x.values, groups) {
        means[group, default: 0] += value
        counts[group, default: 0] += 1
    }
    for (group, sum) in means { means[group] = sum / (counts[group] ?? 1) }
    for (value, group) in zip(x.values, groups) {
        let difference = value - (means[group] ?? 0)
        squares[group, default: 0] += difference * difference
    }
    let channels = x.indices(inDimension: 1)
    return x.values.indices.map { place in
        let group = groups[place]
        let variance = (squares[group] ?? 0) / (counts[group] ?? 1)
        let normal = (x.values[place] - (means[group] ?? 0)) / (variance + epsilon).squareRoot()
        return normal * scale.values[channels[place]] + shift.values[channels[place]]
    }
}

private func plainRMSNorm(_ x: Plain, _ scale: Plain, _ epsilon: Double) -> [Double] {
    var result: [Double] = []
    for row in x.rows {
        var squares = 0.0
        for value in row { squares += value * value }
        let root = (squares / Double(row.count) + epsilon).squareRoot()
        for (value, factor) in zip(row, scale.values) { result.append(value / root * factor) }
    }
    return result
}

private func plainGroupNorm(_ x: [Plain], _ norm: GroupNormalization) -> [Double] {
    let (samples, channels) = (x[0].indices(inDimension: 0), x[0].indices(inDimension: 1))
    let size = x[0].shape[1] / norm.groups
    let groups = zip(samples, channels).map { $0 * norm.groups + $1 / size }
    return normalized(x[0], by: groups, x[1], x[2], Double(norm.epsilon))
}

private func plainChannelNorm(_ x: [Plain], _ epsilon: Double) -> [Double] {
    zip(x[0].values, x[0].indices(inDimension: 1)).map { value, channel in
        let normal = (value - x[3].values[channel]) / (x[4].values[channel] + epsilon).squareRoot()
        return normal * x[1].values[channel] + x[2].values[channel]
    }
}

/// Each element of the gradient goes to all places that its window saw.
private func plainTransposed(_ weight: Plain, _ g: Plain, _ operation: Convolve.InputGradient) -> [Double] {
    let (settings, shape) = (operation.settings, operation.shape)
    var result = [Double](repeating: 0, count: shape.elementCount)
    for (n, output) in places(g.shape[0], g.shape[1]) {
        let first = output / (weight.shape[0] / settings.group) * weight.shape[1]
        for (i, j) in places(g.shape[2], g.shape[3]) {
            for (h, w) in places(weight.shape[2], weight.shape[3]) {
                let y = i * settings.stride[0] + h * settings.dilation[0] - settings.padding[0]
                let z = j * settings.stride[1] + w * settings.dilation[1] - settings.padding[2]
                guard (0..<shape[2]).contains(y), (0..<shape[3]).contains(z) else { continue }
                for channel in 0..<weight.shape[1] {
                    let place = ((n * shape[1] + first + channel) * shape[2] + y) * shape[3] + z
                    result[place] += g[n, output, i, j] * weight[output, channel, h, w]
                }
            }
        }
    }
    return result
}

private func plainAverage(_ x: Plain, _ settings: Averaging) -> [Double] {
    guard let shape = try? settings.outputShape(input: x.shape) else { return [] }
    var result: [Double] = []
    for (n, channel) in places(shape[0], shape[1]) {
        for (i, j) in places(shape[2], shape[3]) {
            let (rows, columns) = (window(i, 0, x.shape, settings), window(j, 1, x.shape, settings))
            var sum = 0.0
            for y in rows.places { for z in columns.places { sum += x[n, channel, y, z] } }
            result.append(sum / (rows.divisor * columns.divisor))
        }
    }
    return result
}

/// The places of an axis that an average sees, and its share of what the sum is divided by.
private func window(
    _ index: Int, _ axis: Int, _ shape: Shape, _ settings: Averaging
) -> (places: [Int], divisor: Double) {
    let size = shape[2 + axis]
    switch settings {
    case .windows(let pooling, let countsPadding):
        let first = index * pooling.stride[axis] - pooling.padding[2 * axis]
        let places = (first..<first + pooling.kernel[axis]).filter { (0..<size).contains($0) }
        return (places, Double(countsPadding ? pooling.kernel[axis] : places.count))
    case .adaptive(let height, let width):
        let count = Double(axis == 0 ? height : width)
        let first = Int((Double(index) * Double(size) / count).rounded(.down))
        let end = Int((Double(index + 1) * Double(size) / count).rounded(.up))
        return (Array(first..<end), Double(end - first))
    }
}

private func plainJoin(_ a: Plain, _ b: Plain) -> [Double] {
    let (first, second) = (a.shape[a.shape.rank - 1], b.shape[b.shape.rank - 1])
    var result: [Double] = []
    for row in 0..<a.values.count / first {
        result += a.values[row * first..<(row + 1) * first]
        result += b.values[row * second..<(row + 1) * second]
    }
    return result
}

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// As the papers write it, element by element.
private func plainRecurrence(_ x: [Plain], _ operation: Recurrence) -> [Double] {
    let (length, batch, size) = (x[0].shape[0], x[0].shape[1], x[2].shape[1])
    let (inputs, inputWeight, hiddenWeight) = (x[0].shape[2], x[1].rows, x[2].rows)
    var result = [Double](repeating: 0, count: length * batch * size)
    for row in 0..<batch {
        let zeros = [Double](repeating: 0, count: size)
        var hidden = operation.rule.isStarted ? x[5].rows[row] : zeros
        var cell = operation.rule.isStarted && operation.rule.cell == .lstm ? x[6].rows[row] : zeros
        for step in 0..<length {
            let time = operation.rule.isReversed ? length - 1 - step : step
            let place = time * batch + row
            guard !operation.rule.hasLengths || Double(time) < (x.last?.values[row] ?? 0) else {
                for index in 0..<size { result[place * size + index] = hidden[index] }
                continue
            }
            let input = Array(x[0].values[place * inputs..<(place + 1) * inputs])
            let ofInput = plainGates(inputWeight, input, x[3].values)
            let ofHidden = plainGates(hiddenWeight, hidden, x[4].values)
            hidden = (0..<size).map { plainState($0, size, operation.rule.cell, ofInput, ofHidden, hidden, &cell) }
            for index in 0..<size { result[place * size + index] = hidden[index] }
        }
    }
    return result
}

private func plainGates(_ weight: [[Double]], _ x: [Double], _ bias: [Double]) -> [Double] {
    var result = bias
    for gate in weight.indices {
        let row = weight[gate]
        for index in x.indices { result[gate] += row[index] * x[index] }
    }
    return result
}

/// One element of the next hidden state; that of the cell state is moved on.
private func plainState(
    _ i: Int, _ size: Int, _ kind: RecurrentCell, _ ofInput: [Double], _ ofHidden: [Double], _ hidden: [Double],
    _ cell: inout [Double]
) -> Double {
    func sum(_ gate: Int) -> Double { ofInput[gate * size + i] + ofHidden[gate * size + i] }
    switch kind {
    case .tanh: return tanh(sum(0))
    case .relu: return max(sum(0), 0)
    case .gru:
        let (reset, update) = (logistic(sum(0)), logistic(sum(1)))
        let candidate = tanh(ofInput[2 * size + i] + reset * ofHidden[2 * size + i])
        return (1 - update) * candidate + update * hidden[i]
    case .lstm:
        cell[i] = logistic(sum(1)) * cell[i] + logistic(sum(0)) * tanh(sum(2))
        return logistic(sum(3)) * tanh(cell[i])
    }
}
