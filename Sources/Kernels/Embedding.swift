/// Copies a row of a table for each id: `result[i] = table[ids[i] − firstRow]`.
///
/// `table` is [tableRows, columns], the rows `firstRow..<firstRow + tableRows` of one that may be spread over ranks;
/// `result` is [ids.count, columns]. An id whose row is not here gives zeros, so that the sum over all ranks has every
/// row. MindSpore: `Gather`, `EmbeddingLookup` with an offset.
public func gatherRows(
    _ table: Span<Float>, ids: Span<Int32>, firstRow: Int = 0, into result: inout MutableSpan<Float>,
    tableRows: Int, columns: Int, pool: ThreadPool
) {
    require(table.count, of: "the table", is: tableRows * columns)
    require(result.count, of: "the result", is: ids.count * columns)
    let count = ids.count
    unsafe withAddresses(table, ids) { table, ids in
        unsafe result.withAddress { result in
            let lookup = unsafe Lookup(
                ids: ids, count: count, firstRow: firstRow, rows: tableRows, columns: columns)
            unsafe pool.forEachChunk(of: count, grain: columns, with: (lookup, table, result)) { work, chunk in
                for place in chunk { unsafe work.0.gather(place, from: work.1, into: work.2) }
            }
        }
    }
}

/// The gradient of ``gatherRows(_:ids:firstRow:into:tableRows:columns:pool:)``: clears the table, then adds
/// `gradient[i]` to row `ids[i] − firstRow`, where that is here.
///
/// Each element is summed in the order of the ids, for any number of threads: they divide the columns.
public func scatterAddRows(
    _ gradient: Span<Float>, ids: Span<Int32>, firstRow: Int = 0, into table: inout MutableSpan<Float>,
    tableRows: Int, columns: Int, pool: ThreadPool
) {
    require(gradient.count, of: "the gradient", is: ids.count * columns)
    require(table.count, of: "the table", is: tableRows * columns)
    let count = ids.count
    unsafe withAddresses(gradient, ids) { gradient, ids in
        unsafe table.withAddress { table in
            let lookup = unsafe Lookup(
                ids: ids, count: count, firstRow: firstRow, rows: tableRows, columns: columns)
            let division = ColumnDivision(columns: columns, elements: (tableRows + count) * columns, pool: pool)
            unsafe pool.forEach(division.parts, with: (division, lookup, gradient, table)) { work, part in
                unsafe work.1.scatter(work.0[part], of: work.2, into: work.3)
            }
        }
    }
}

/// Which row of a table each id names.
@unsafe private struct Lookup {
    let ids: UnsafePointer<Int32>
    let count: Int
    let firstRow: Int
    let rows: Int
    let columns: Int

    /// The row of the `place`th id; nil if it is not in this part of the table.
    @inline(__always)
    private func row(_ place: Int) -> Int? {
        let row = unsafe Int(ids[place]) - firstRow
        return unsafe row >= 0 && row < rows ? row : nil
    }

    func gather(_ place: Int, from table: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
        let target = unsafe result + place * columns
        guard let row = unsafe row(place) else { return unsafe target.update(repeating: 0, count: columns) }
        unsafe target.update(from: table + row * columns, count: columns)
    }

    func scatter(
        _ range: Range<Int>, of gradient: UnsafePointer<Float>, into table: UnsafeMutablePointer<Float>
    ) {
        for row in unsafe 0..<rows {
            unsafe (table + row * columns + range.lowerBound).update(repeating: 0, count: range.count)
        }
        for place in unsafe 0..<count {
            guard let row = unsafe row(place) else { continue }
            let source = unsafe gradient + place * columns + range.lowerBound
            let target = unsafe table + row * columns + range.lowerBound
            forEachLanes(of: range.count) { j, width in
                let sum = unsafe Lanes(at: target + j, width: width) + Lanes(at: source + j, width: width)
                unsafe sum.store(to: target + j, width: width)
            }
        }
    }
}
