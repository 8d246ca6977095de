import Kernels
import Testing

@Suite struct EmbeddingTests {
    static let shapes = [(0, 4, 3), (5, 1, 1), (7, 9, 17), (40, 30, 16), (300, 20, 200)]

    /// Ids around a table that begins at row 10, many of them twice and some before or behind it.
    private func ids(_ count: Int, rows: Int) -> [Int32] {
        (0..<count).map { Int32(($0 * 7 + 3) % (rows + 4)) + 8 }
    }

    @Test(arguments: shapes) func gatheredRowsMatchTheReference(count: Int, rows: Int, columns: Int) {
        let (table, ids) = (randomValues(rows * columns), ids(count, rows: rows))
        let expected = written(count * columns) {
            Reference.gatherRows(
                table.span, ids: ids.span, firstRow: 10, into: &$0, tableRows: rows, columns: columns)
        }
        for threads in 1...3 {
            let pool = ThreadPool(threads: threads)
            let actual = written(count * columns) {
                gatherRows(
                    table.span, ids: ids.span, firstRow: 10, into: &$0, tableRows: rows, columns: columns, pool: pool)
            }
            #expect(isSame(actual, expected))
        }
    }

    @Test(arguments: shapes) func scatteredRowsAreAddedInTheOrderOfTheIds(count: Int, rows: Int, columns: Int) {
        let (gradient, ids) = (randomValues(count * columns), ids(count, rows: rows))
        let expected = written(rows * columns) {
            Reference.scatterAddRows(
                gradient.span, ids: ids.span, firstRow: 10, into: &$0, tableRows: rows, columns: columns)
        }
        for threads in 1...3 {
            let pool = ThreadPool(threads: threads)
            let actual = written(rows * columns) {
                scatterAddRows(
                    gradient.span, ids: ids.span, firstRow: 10, into: &$0, tableRows: rows, columns: columns,
                    pool: pool)
            }
            #expect(isSame(actual, expected))
        }
    }

    @Test func partsOfATableSumToTheWhole() {
        let (table, pool) = (randomValues(8 * 5), ThreadPool(threads: 1))
        let ids: [Int32] = [7, 0, 3, 4, 3]
        let whole = written(25) {
            gatherRows(table.span, ids: ids.span, into: &$0, tableRows: 8, columns: 5, pool: pool)
        }
        let parts = [0, 4].map { first in
            written(25) {
                gatherRows(
                    table.span.extracting(first * 5..<(first + 4) * 5), ids: ids.span, firstRow: first, into: &$0,
                    tableRows: 4, columns: 5, pool: pool)
            }
        }
        #expect(zip(parts[0], parts[1]).map(+) == whole)
    }
}
