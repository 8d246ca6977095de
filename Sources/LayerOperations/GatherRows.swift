import Graphs
import Kernels
import Memory
import Tensors

/// Rows of a table by their int32 numbers, less `first`; zeros for rows that the table does not have.
struct GatherRows: Operation {
    let first: Int

    var inputCount: Int? { 2 }

    func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demandMatrix(inputs)
        return [TensorType([inputs[1].shape.elementCount, inputs[0].shape[1]])]
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.apply(Scatter(rows: x[0].shape[0], first: first), x[1]), nil]
    }

    func kernel(_ operands: Operands) -> () -> Void {
        let (rows, columns) = operands.rowsAndColumns
        let (table, ids, y) = (operands.input(0), operands.integers(1), operands.result())
        return { [first, pool = operands.pool] in
            var result = y.mutableSpan
            Kernels.gatherRows(
                table.span, ids: ids.span, firstRow: first, into: &result, tableRows: rows, columns: columns, pool: pool
            )
        }
    }

    /// MindSpore refuses a number that the table does not have, where Lockstep gives zeros.
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        guard first == 0 else { throw NoMindSporeForm("its table is a part, which begins with row \(first)") }
        var rows = calls.x[1]
        if rows.type.rank != 1 {
            let type = MindSporeType([calls.type.dimensions[0]], rows.type.elementType)
            rows = calls.call(.reshape, rows, [-1], giving: type)
        }
        return calls.call(.gather, calls.x[0], rows, 0, 0)
    }
}

extension GatherRows {
    /// The gradient of a table of `rows` rows from that of the rows gathered and their numbers.
    struct Scatter: Operation {
        let rows: Int
        let first: Int

        var name: String { "scatterRows" }

        var inputCount: Int? { 2 }

        func elementType(ofInput index: Int) -> ElementType? { index == 1 ? .int32 : .float32 }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            [TensorType([rows, inputs[0].shape[1]])]
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let columns = operands.rowsAndColumns.columns
            let (g, ids, y) = (operands.input(0), operands.integers(1), operands.result())
            return { [rows, first, pool = operands.pool] in
                var table = y.mutableSpan
                Kernels.scatterAddRows(
                    g.span, ids: ids.span, firstRow: first, into: &table, tableRows: rows, columns: columns, pool: pool)
            }
        }
    }
}

extension Operation where Self == GatherRows {
    static func gatherRows(first: Int) -> Self { Self(first: first) }
}

extension Operation where Self == GatherRows.Scatter {
    static func scatterRows(rows: Int, first: Int) -> Self { Self(rows: rows, first: first) }
}
