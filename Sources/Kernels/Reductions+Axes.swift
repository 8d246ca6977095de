import Memory

/// Sums over the leading axis: [rows, columns] → [columns], row after row. The threads divide the columns.
public func sumLeadingAxis(
    _ x: Span<Float>, into sums: inout MutableSpan<Float>, rows: Int, columns: Int, pool: ThreadPool? = nil
) {
    require(x.count, of: "x", is: rows * columns)
    require(sums.count, of: "the result", is: columns)
    unsafe x.withAddress { x in
        unsafe sums.withAddress { sums in
            let work = unsafe ColumnSums(x: x, sums: sums, rows: rows, columns: columns)
            guard let pool else { return unsafe work.run(0..<columns) }
            let division = ColumnDivision(columns: columns, elements: rows * columns, pool: pool)
            unsafe pool.forEach(division.parts, with: (division, work)) { work, part in
                unsafe work.1.run(work.0[part])
            }
        }
    }
}

/// The arrays of one sum over the leading axis.
@unsafe private struct ColumnSums {
    let x: UnsafePointer<Float>
    let sums: UnsafeMutablePointer<Float>
    let rows: Int
    let columns: Int

    func run(_ range: Range<Int>) {
        // Main loop: four cache lines side by side, so that what is fetched with a line of each row is used too.
        var column = range.lowerBound
        while column + 4 * Lanes.scalarCount <= range.upperBound {
            unsafe sumFour(column)
            column += 4 * Lanes.scalarCount
        }
        // Remainder: a vector at a time, the last one perhaps partial.
        forEachLanes(of: range.upperBound - column) { j, width in
            var total = Lanes.zero
            for row in unsafe 0..<rows {
                unsafe total += Lanes(at: x + row * columns + column + j, width: width)
            }
            unsafe total.store(to: sums + column + j, width: width)
        }
    }

    @inline(__always)
    private func sumFour(_ column: Int) {
        var (first, second, third, fourth) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        var row = unsafe x + column
        for _ in unsafe 0..<rows {
            unsafe first += Lanes(at: row)
            unsafe second += Lanes(at: row + 16)
            unsafe third += Lanes(at: row + 32)
            unsafe fourth += Lanes(at: row + 48)
            unsafe row += columns
        }
        unsafe first.store(to: sums + column)
        unsafe second.store(to: sums + column + 16)
        unsafe third.store(to: sums + column + 32)
        unsafe fourth.store(to: sums + column + 48)
    }
}

/// Sums over the last axis: [rows, columns] → [rows], each row in the order of ``sum(of:)``.
public func sumLastAxis(
    _ x: Span<Float>, into sums: inout MutableSpan<Float>, rows: Int, columns: Int
) {
    require(x.count, of: "x", is: rows * columns)
    require(sums.count, of: "the result", is: rows)
    unsafe x.withAddress { x in
        unsafe sums.withAddress { sums in
            for row in 0..<rows {
                unsafe sums[row] = sum(at: x + row * columns, count: columns)
            }
        }
    }
}

/// Sums each channel over all images and places: [batch, channels, plane] → [channels], image after image.
public func sumChannels(
    _ x: Span<Float>, into sums: inout MutableSpan<Float>, batch: Int, channels: Int, plane: Int
) {
    require(x.count, of: "x", is: batch * channels * plane)
    require(sums.count, of: "the result", is: channels)
    unsafe x.withAddress { x in
        unsafe sums.withAddress { sums in
            for channel in 0..<channels {
                var total: Float = 0
                for image in 0..<batch {
                    total += unsafe sum(at: x + (image * channels + channel) * plane, count: plane)
                }
                unsafe sums[channel] = total
            }
        }
    }
}

/// Finds the place of the largest element of each row: [rows, columns] → [rows].
///
/// The first of equals is taken. NaN is never the largest; a row of nothing else gives 0.
public func argmaxLastAxis(
    _ x: Span<Float>, into places: inout MutableSpan<Int32>, rows: Int, columns: Int
) {
    require(x.count, of: "x", is: rows * columns)
    require(places.count, of: "the result", is: rows)
    insist(rows == 0 || columns > 0, "argmaxLastAxis: a row of \(columns) elements has no largest")
    unsafe x.withAddress { x in
        unsafe places.withAddress { places in
            for row in 0..<rows {
                unsafe places[row] = Int32(truncatingIfNeeded: placeOfLargest(x + row * columns, count: columns))
            }
        }
    }
}

/// The place of the first of the largest of `count` floats at `row`, 0 if all are NaN.
@inline(__always)
private func placeOfLargest(_ row: UnsafePointer<Float>, count: Int) -> Int {
    let lanes = unsafe foldLanes(row, count: count, from: Lanes(repeating: -.infinity), padding: -.infinity) {
        $0.replacing(with: $1, where: $1 .> $0)
    } merging: {
        $0.replacing(with: $1, where: $1 .> $0)
    }
    let largest = lanes.max()
    var place = 0
    while unsafe place < count && row[place] != largest { place += 1 }
    return place < count ? place : 0
}
