/// Sums over the leading axis: [rows, columns] → [columns], row after row.
public func sumLeadingAxis(
    _ x: Span<Float>, into sums: inout MutableSpan<Float>, rows: Int, columns: Int
) {
    require(x.count, of: "x", is: rows * columns)
    require(sums.count, of: "the result", is: columns)
    unsafe x.withAddress { x in
        unsafe sums.withAddress { sums in
            forEachLanes(of: columns) { j, width in
                var total = Lanes.zero
                for row in 0..<rows {
                    unsafe total += Lanes(at: x + row * columns + j, width: width)
                }
                unsafe total.store(to: sums + j, width: width)
            }
        }
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
    precondition(rows == 0 || columns > 0, "argmaxLastAxis: a row of \(columns) elements has no largest")
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
