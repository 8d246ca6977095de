import Glibc

// The cross-entropy where each of several ranks has some columns of the logits: the kernels between the reductions.

/// The greatest element of each row: `result[r] = max_j x[r, j]`.
///
/// `x` is [rows, columns], `result` is [rows].
public func rowMaximum(_ x: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int) {
    require(x.count, of: "x", is: rows * columns)
    require(result.count, of: "the result", is: rows)
    unsafe x.withAddress { x in
        unsafe result.withAddress { result in
            for row in 0..<rows {
                let lanes = unsafe foldLanes(
                    x + row * columns, count: columns, from: Lanes(repeating: -.infinity), padding: -.infinity
                ) {
                    $0.larger($1)
                } merging: {
                    $0.larger($1)
                }
                unsafe result[row] = (0..<Lanes.scalarCount).reduce(-.infinity) { max($0, lanes[$1]) }
            }
        }
    }
}

/// Of one shard of the logits: the sum of `e^(logit − largest)` of each row, and the logit of its label, less the
/// largest; 0 where the label's column is in another shard.
///
/// `logits` is [rows, columns] and begins with column `firstColumn` of the whole; all others are [rows].
public func logitSums(
    _ logits: Span<Float>, labels: Span<Int32>, largest: Span<Float>, into sums: inout MutableSpan<Float>,
    targets: inout MutableSpan<Float>, firstColumn: Int, rows: Int, columns: Int
) {
    require(logits.count, of: "the logits", is: rows * columns)
    require(labels.count, of: "the labels", is: rows)
    require(largest.count, of: "the largest", is: rows)
    require(sums.count, of: "the sums", is: rows)
    require(targets.count, of: "the targets", is: rows)
    for row in 0..<rows {
        let top = largest[row]
        sums[row] = unsafe logits.withAddress { logits in
            unsafe foldLanes(logits + row * columns, count: columns, from: Lanes.zero, padding: -.infinity) {
                $0 + exponential($1 - top)
            } merging: {
                $0 + $1
            }
        }.sumOfLanes
        let column = Int(labels[row]) - firstColumn
        targets[row] = (0..<columns).contains(column) ? logits[row * columns + column] - top : 0
    }
}

/// The loss of each row and its gradient by one shard of the logits, from the sums and targets over all shards.
///
/// `logits` and `gradient` are [rows, columns], all others [rows]. A row with a label below zero is ignored.
public func shardedCrossEntropy(
    _ logits: Span<Float>, labels: Span<Int32>, largest: Span<Float>, sums: Span<Float>, targets: Span<Float>,
    into losses: inout MutableSpan<Float>, gradient: inout MutableSpan<Float>, firstColumn: Int, rows: Int, columns: Int
) {
    require(logits.count, of: "the logits", is: rows * columns)
    require(labels.count, of: "the labels", is: rows)
    require(largest.count, of: "the largest", is: rows)
    require(sums.count, of: "the sums", is: rows)
    require(targets.count, of: "the targets", is: rows)
    require(losses.count, of: "the losses", is: rows)
    require(gradient.count, of: "the gradient", is: rows * columns)
    for row in 0..<rows {
        let isCounted = labels[row] >= 0
        let (top, factor) = (largest[row], isCounted ? 1 / sums[row] : 0)
        unsafe logits.withAddress { logits in
            unsafe gradient.withAddress { gradient in
                forEachLanes(of: columns) { j, width in
                    let x = unsafe Lanes(at: logits + row * columns + j, width: width)
                    unsafe (exponential(x - top) * factor).store(to: gradient + row * columns + j, width: width)
                }
            }
        }
        let column = Int(labels[row]) - firstColumn
        if isCounted, (0..<columns).contains(column) { gradient[row * columns + column] -= 1 }
        losses[row] = isCounted ? log(sums[row]) - targets[row] : 0
    }
}
