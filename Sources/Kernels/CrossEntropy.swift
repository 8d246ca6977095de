import Glibc
import Memory

/// Turns each row into probabilities: `result[r, j] = e^x[r, j] / Σ_k e^x[r, k]`.
///
/// `x` and `result` are [rows, columns]; `result` may be the memory of `x`. The largest element of a row is subtracted
/// first, so nothing overflows. MindSpore: `Softmax` over the last axis.
public func softmax(_ x: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int) {
    require(x.count, of: "x", is: rows * columns)
    require(result.count, of: "the result", is: rows * columns)
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in
            for row in 0..<rows {
                let (source, target) = unsafe (x + row * columns, result + row * columns)
                let sum = unsafe storeExponentials(of: source, to: target, count: columns).sum
                unsafe scaleRow(target, by: 1 / sum, count: columns)
            }
        }
    }
}

/// Takes the logarithm of ``softmax(_:into:rows:columns:)`` without computing it: `x − log Σ eˣ`.
///
/// `x` and `result` are [rows, columns]. MindSpore: `LogSoftmax` over the last axis.
public func logSoftmax(_ x: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int) {
    require(x.count, of: "x", is: rows * columns)
    require(result.count, of: "the result", is: rows * columns)
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in
            for row in 0..<rows {
                let (source, target) = unsafe (x + row * columns, result + row * columns)
                let (largest, sum) = unsafe storeExponentials(of: source, to: target, count: columns)
                let logarithm = log(sum)
                forEachLanes(of: columns) { j, width in
                    // Two subtractions: the largest alone may be so large that the logarithm would vanish in it.
                    let lanes = unsafe (Lanes(at: source + j, width: width) - largest) - logarithm
                    unsafe lanes.store(to: target + j, width: width)
                }
            }
        }
    }
}

/// Computes the cross entropy of each row with its label, and the gradient: `−log softmax(logits)[label]` and
/// `softmax(logits) − onehot(label)`.
///
/// `logits` and `gradient` are [rows, classes], `labels` and `losses` are [rows]. A row with a label below zero is
/// ignored: its loss and gradient are 0. Nothing is divided by the number of rows. MindSpore:
/// `SparseSoftmaxCrossEntropyWithLogits` (which averages).
public func sparseCrossEntropy(
    _ logits: Span<Float>, labels: Span<Int32>, into losses: inout MutableSpan<Float>,
    gradient: inout MutableSpan<Float>, rows: Int, classes: Int
) {
    require(logits.count, of: "the logits", is: rows * classes)
    require(labels.count, of: "the labels", is: rows)
    require(losses.count, of: "the losses", is: rows)
    require(gradient.count, of: "the gradient", is: rows * classes)
    unsafe withAddresses(logits, labels) { logits, labels in
        unsafe withTargets(&losses, &gradient) { losses, gradient in
            for row in 0..<rows {
                let (source, target) = unsafe (logits + row * classes, gradient + row * classes)
                let label = unsafe Int(labels[row])
                insist(label < classes, "row \(row) has label \(label), but there are \(classes) classes")
                unsafe losses[row] = sparseRow(source, label: label, gradient: target, classes: classes)
            }
        }
    }
}

/// Computes the cross entropy of each row with the probabilities of its classes, and the gradient:
/// `−Σ_j labels[j] · log softmax(logits)[j]` and `softmax(logits) − labels`.
///
/// All but `losses` [rows] are [rows, classes]; each row of `labels` sums to 1. A class with probability 0 adds nothing
/// to the loss, even where its logit is −∞. MindSpore: `SoftmaxCrossEntropyWithLogits`.
public func denseCrossEntropy(
    _ logits: Span<Float>, labels: Span<Float>, into losses: inout MutableSpan<Float>,
    gradient: inout MutableSpan<Float>, rows: Int, classes: Int
) {
    require(logits.count, of: "the logits", is: rows * classes)
    require(labels.count, of: "the labels", is: rows * classes)
    require(losses.count, of: "the losses", is: rows)
    require(gradient.count, of: "the gradient", is: rows * classes)
    unsafe withAddresses(logits, labels) { logits, labels in
        unsafe withTargets(&losses, &gradient) { losses, gradient in
            for row in 0..<rows {
                let start = row * classes
                unsafe losses[row] = denseRow(
                    logits + start, labels: labels + start, gradient: gradient + start, classes: classes)
            }
        }
    }
}

/// The loss of one row with a label; stores its gradient.
private func sparseRow(
    _ logits: UnsafePointer<Float>, label: Int, gradient: UnsafeMutablePointer<Float>, classes: Int
) -> Float {
    guard label >= 0 else {
        unsafe gradient.update(repeating: 0, count: classes)
        return 0
    }
    let (largest, sum) = unsafe storeExponentials(of: logits, to: gradient, count: classes)
    unsafe scaleRow(gradient, by: 1 / sum, count: classes)
    unsafe gradient[label] -= 1
    return unsafe log(sum) - (logits[label] - largest)
}

/// The loss of one row with probabilities; stores its gradient.
private func denseRow(
    _ logits: UnsafePointer<Float>, labels: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, classes: Int
) -> Float {
    let (largest, sum) = unsafe storeExponentials(of: logits, to: gradient, count: classes)
    let (factor, logarithm) = (1 / sum, log(sum))
    var loss = Lanes.zero
    forEachLanes(of: classes) { j, width in
        let label = unsafe Lanes(at: labels + j, width: width)
        let surprise = unsafe logarithm - (Lanes(at: logits + j, width: width) - largest)
        loss += (label * surprise).replacing(with: 0, where: label .== 0)
        let probability = unsafe Lanes(at: gradient + j, width: width) * factor
        unsafe (probability - label).store(to: gradient + j, width: width)
    }
    return loss.sumOfLanes
}

/// Stores `e^(x − largest)` of a row; returns the largest element and the sum of what was stored.
@inline(__always)
private func storeExponentials(
    of x: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>, count: Int
) -> (largest: Float, sum: Float) {
    let largest = unsafe foldLanes(x, count: count, from: Lanes(repeating: -.infinity), padding: -.infinity) {
        $0.larger($1)
    } merging: {
        $0.larger($1)
    }.max()
    var sum = Lanes.zero
    forEachLanes(of: count) { j, width in
        let lanes = unsafe exponential(Lanes(at: x + j, width: width, padding: -.infinity) - largest)
        unsafe lanes.store(to: result + j, width: width)
        sum += lanes
    }
    return (largest, sum.sumOfLanes)
}

/// Multiplies a row by a number.
@inline(__always)
private func scaleRow(_ row: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
    forEachLanes(of: count) { j, width in
        unsafe (Lanes(at: row + j, width: width) * factor).store(to: row + j, width: width)
    }
}
