import Kernels

/// The arrays of a step of a recurrent cell, or of one back, of which each row is for itself.
@unsafe protocol CellStep {
    var size: Int { get }

    func run(_ row: Int)
}

extension ThreadPool {
    /// Runs a step for all rows, spread over the threads.
    @inline(__always)
    func forEachRow(of batch: Int, _ step: some CellStep) {
        unsafe forEachChunk(of: batch, grain: 8 * step.size, with: step) { step, rows in
            for row in rows { unsafe step.run(row) }
        }
    }
}
