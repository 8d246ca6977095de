public import Kernels

/// One step of an LSTM after its products: gates, cell state and hidden state.
///
/// `gates` is [batch, 4 · hidden], the sums of both products and biases in the order input, forget, candidate, output, as in MindSpore
/// and PyTorch; it is
/// replaced by the gates themselves, which the gradient needs. `previous` (the cell state before), `cell` and `hidden` are
/// [batch, hidden]; `cell` may not be the memory of `previous`, for the gradient needs that too.
public func lstmCell(
    _ gates: inout MutableSpan<Float>, previous: Span<Float>, cell: inout MutableSpan<Float>,
    hidden: inout MutableSpan<Float>, batch: Int, size: Int, pool: ThreadPool
) {
    require(gates.count, of: "the gates", is: batch * 4 * size)
    require(previous.count, of: "the cell state before", is: batch * size)
    require(cell.count, of: "the cell state", is: batch * size)
    require(hidden.count, of: "the hidden state", is: batch * size)
    unsafe previous.withAddress { previous in
        unsafe withTargets(&gates, &cell, &hidden) { gates, cell, hidden in
            let work = unsafe LSTMCell(gates: gates, previous: previous, cell: cell, hidden: hidden, size: size)
            unsafe pool.forEachRow(of: batch, work)
        }
    }
}

/// Passes gradients back through ``lstmCell(_:previous:cell:hidden:batch:size:pool:)``.
///
/// `gates` as the step left them, `previous` and `cell` are the states before and after it. `hiddenGradient` is that of the
/// hidden state; `cellGradient`, [batch, size], holds that of the cell state from the step after and is replaced by that for
/// the step before. `gateGradient` is [batch, 4 · size], of the sums that went into the gates.
public func lstmCellGradient(
    _ hiddenGradient: Span<Float>, cellGradient: inout MutableSpan<Float>, gates: Span<Float>, previous: Span<Float>,
    cell: Span<Float>, gateGradient: inout MutableSpan<Float>, batch: Int, size: Int, pool: ThreadPool
) {
    require(hiddenGradient.count, of: "the hidden state's gradient", is: batch * size)
    require(cellGradient.count, of: "the cell state's gradient", is: batch * size)
    require(gates.count, of: "the gates", is: batch * 4 * size)
    require(previous.count, of: "the cell state before", is: batch * size)
    require(cell.count, of: "the cell state", is: batch * size)
    require(gateGradient.count, of: "the gates' gradient", is: batch * 4 * size)
    unsafe withAddresses(hiddenGradient, gates, previous, cell) { hiddenGradient, gates, previous, cell in
        unsafe withTargets(&cellGradient, &gateGradient) { cellGradient, gateGradient in
            let work = unsafe LSTMCellGradient(
                hiddenGradient: hiddenGradient, cellGradient: cellGradient, gates: gates, previous: previous,
                cell: cell,
                gateGradient: gateGradient, size: size)
            unsafe pool.forEachRow(of: batch, work)
        }
    }
}

/// The arrays of one step.
@unsafe private struct LSTMCell: CellStep {
    let gates: UnsafeMutablePointer<Float>
    let previous: UnsafePointer<Float>
    let cell: UnsafeMutablePointer<Float>
    let hidden: UnsafeMutablePointer<Float>
    let size: Int

    func run(_ row: Int) {
        let (gates, start) = unsafe (gates + row * 4 * size, row * size)
        unsafe forEachLanes(of: size) { i, width in
            let (inputPlace, forgetPlace) = unsafe (gates + i, gates + (size + i))
            let (candidatePlace, outputPlace) = unsafe (gates + (2 * size + i), gates + (3 * size + i))
            let input = unsafe sigmoid(Lanes(at: inputPlace, width: width))
            let forget = unsafe sigmoid(Lanes(at: forgetPlace, width: width))
            let candidate = unsafe hyperbolicTangent(ofLanes: Lanes(at: candidatePlace, width: width))
            let output = unsafe sigmoid(Lanes(at: outputPlace, width: width))
            let state = unsafe (input * candidate).plus(forget, times: Lanes(at: previous + (start + i), width: width))
            unsafe input.store(to: inputPlace, width: width)
            unsafe forget.store(to: forgetPlace, width: width)
            unsafe candidate.store(to: candidatePlace, width: width)
            unsafe output.store(to: outputPlace, width: width)
            unsafe state.store(to: cell + (start + i), width: width)
            unsafe (output * hyperbolicTangent(ofLanes: state)).store(to: hidden + (start + i), width: width)
        }
    }
}

/// The arrays of one step back.
@unsafe private struct LSTMCellGradient: CellStep {
    let hiddenGradient: UnsafePointer<Float>
    let cellGradient: UnsafeMutablePointer<Float>
    let gates: UnsafePointer<Float>
    let previous: UnsafePointer<Float>
    let cell: UnsafePointer<Float>
    let gateGradient: UnsafeMutablePointer<Float>
    let size: Int

    func run(_ row: Int) {
        let (gates, result, start) = unsafe (gates + row * 4 * size, gateGradient + row * 4 * size, row * size)
        unsafe forEachLanes(of: size) { i, width in
            let place = start + i
            let input = unsafe Lanes(at: gates + i, width: width)
            let forget = unsafe Lanes(at: gates + (size + i), width: width)
            let candidate = unsafe Lanes(at: gates + (2 * size + i), width: width)
            let output = unsafe Lanes(at: gates + (3 * size + i), width: width)
            let tangent = unsafe hyperbolicTangent(ofLanes: Lanes(at: cell + place, width: width))
            let g = unsafe Lanes(at: hiddenGradient + place, width: width)
            let state = unsafe Lanes(at: cellGradient + place, width: width)
                .plus(g * output, times: 1 - tangent * tangent)
            let before = unsafe Lanes(at: previous + place, width: width)
            unsafe (state * candidate * input * (1 - input)).store(to: result + i, width: width)
            unsafe (state * before * forget * (1 - forget)).store(to: result + (size + i), width: width)
            unsafe (state * input * (1 - candidate * candidate)).store(to: result + (2 * size + i), width: width)
            unsafe (g * tangent * output * (1 - output)).store(to: result + (3 * size + i), width: width)
            unsafe (state * forget).store(to: cellGradient + place, width: width)
        }
    }
}
