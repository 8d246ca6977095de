public import Kernels

/// One step of a GRU after its products: gates and hidden state.
///
/// `inputGates` and `hiddenGates` are [batch, 3 · size]: the products of the input and of the hidden state before, each with its
/// bias, in the order reset, update, candidate. `gates`, of the same shape, takes the gates themselves for the gradient;
/// `previous` and `hidden` are [batch, size]. With r, z and n the gates: `n = tanh(xₙ + r · hₙ)`, `h′ = (1 − z) n + z h`.
public func gruCell(
    _ inputGates: Span<Float>, _ hiddenGates: Span<Float>, previous: Span<Float>, gates: inout MutableSpan<Float>,
    hidden: inout MutableSpan<Float>, batch: Int, size: Int, pool: ThreadPool
) {
    require(inputGates.count, of: "the input's gates", is: batch * 3 * size)
    require(hiddenGates.count, of: "the hidden state's gates", is: batch * 3 * size)
    require(previous.count, of: "the hidden state before", is: batch * size)
    require(gates.count, of: "the gates", is: batch * 3 * size)
    require(hidden.count, of: "the hidden state", is: batch * size)
    unsafe withAddresses(inputGates, hiddenGates, previous) { inputGates, hiddenGates, previous in
        unsafe withTargets(&gates, &hidden) { gates, hidden in
            let work = unsafe GRUCell(
                inputGates: inputGates, hiddenGates: hiddenGates, previous: previous, gates: gates, hidden: hidden,
                size: size)
            unsafe pool.forEachRow(of: batch, work)
        }
    }
}

/// Passes a gradient back through ``gruCell(_:_:previous:gates:hidden:batch:size:pool:)``.
///
/// `gates` as the step left them, `hiddenGates` and `previous` as it was given them. Written are the gradients of both products,
/// [batch, 3 · size] each, and what the hidden state before has of the step itself, [batch, size]; the caller adds what comes
/// through its product.
public func gruCellGradient(
    _ hiddenGradient: Span<Float>, gates: Span<Float>, hiddenGates: Span<Float>, previous: Span<Float>,
    inputGateGradient: inout MutableSpan<Float>, hiddenGateGradient: inout MutableSpan<Float>,
    previousGradient: inout MutableSpan<Float>, batch: Int, size: Int, pool: ThreadPool
) {
    require(hiddenGradient.count, of: "the hidden state's gradient", is: batch * size)
    require(gates.count, of: "the gates", is: batch * 3 * size)
    require(hiddenGates.count, of: "the hidden state's gates", is: batch * 3 * size)
    require(previous.count, of: "the hidden state before", is: batch * size)
    require(inputGateGradient.count, of: "the gradient of the input's gates", is: batch * 3 * size)
    require(hiddenGateGradient.count, of: "the gradient of the hidden state's gates", is: batch * 3 * size)
    require(previousGradient.count, of: "the gradient of the hidden state before", is: batch * size)
    unsafe withAddresses(hiddenGradient, gates, hiddenGates, previous) { gradient, gates, hiddenGates, previous in
        unsafe withTargets(&inputGateGradient, &hiddenGateGradient, &previousGradient) { inputs, hiddens, before in
            let work = unsafe GRUCellGradient(
                gradient: gradient, gates: gates, hiddenGates: hiddenGates, previous: previous, inputGradient: inputs,
                hiddenGateGradient: hiddens, previousGradient: before, size: size)
            unsafe pool.forEachRow(of: batch, work)
        }
    }
}

/// The arrays of one step.
@unsafe private struct GRUCell: CellStep {
    let inputGates: UnsafePointer<Float>
    let hiddenGates: UnsafePointer<Float>
    let previous: UnsafePointer<Float>
    let gates: UnsafeMutablePointer<Float>
    let hidden: UnsafeMutablePointer<Float>
    let size: Int

    func run(_ row: Int) {
        let (first, start) = unsafe (row * 3 * size, row * size)
        let (x, h, gates) = unsafe (inputGates + first, hiddenGates + first, gates + first)
        unsafe forEachLanes(of: size) { i, width in
            let (second, third) = unsafe (size + i, 2 * size + i)
            let reset = unsafe sigmoid(Lanes(at: x + i, width: width) + Lanes(at: h + i, width: width))
            let update = unsafe sigmoid(Lanes(at: x + second, width: width) + Lanes(at: h + second, width: width))
            let sum = unsafe Lanes(at: x + third, width: width).plus(reset, times: Lanes(at: h + third, width: width))
            let candidate = hyperbolicTangent(ofLanes: sum)
            let before = unsafe Lanes(at: previous + (start + i), width: width)
            unsafe reset.store(to: gates + i, width: width)
            unsafe update.store(to: gates + second, width: width)
            unsafe candidate.store(to: gates + third, width: width)
            unsafe candidate.plus(update, times: before - candidate).store(to: hidden + (start + i), width: width)
        }
    }
}

/// The arrays of one step back.
@unsafe private struct GRUCellGradient: CellStep {
    let gradient: UnsafePointer<Float>
    let gates: UnsafePointer<Float>
    let hiddenGates: UnsafePointer<Float>
    let previous: UnsafePointer<Float>
    let inputGradient: UnsafeMutablePointer<Float>
    let hiddenGateGradient: UnsafeMutablePointer<Float>
    let previousGradient: UnsafeMutablePointer<Float>
    let size: Int

    func run(_ row: Int) {
        let (first, start) = unsafe (row * 3 * size, row * size)
        let (gates, h) = unsafe (gates + first, hiddenGates + first)
        let (inputs, hiddens) = unsafe (inputGradient + first, hiddenGateGradient + first)
        unsafe forEachLanes(of: size) { i, width in
            let (second, third) = unsafe (size + i, 2 * size + i)
            let reset = unsafe Lanes(at: gates + i, width: width)
            let update = unsafe Lanes(at: gates + second, width: width)
            let candidate = unsafe Lanes(at: gates + third, width: width)
            let g = unsafe Lanes(at: gradient + (start + i), width: width)
            let before = unsafe Lanes(at: previous + (start + i), width: width)
            let sumGradient = g * (1 - update) * (1 - candidate * candidate)
            let resetGradient = unsafe sumGradient * Lanes(at: h + third, width: width) * reset * (1 - reset)
            let updateGradient = g * (before - candidate) * update * (1 - update)
            unsafe resetGradient.store(to: inputs + i, width: width)
            unsafe resetGradient.store(to: hiddens + i, width: width)
            unsafe updateGradient.store(to: inputs + second, width: width)
            unsafe updateGradient.store(to: hiddens + second, width: width)
            unsafe sumGradient.store(to: inputs + third, width: width)
            unsafe (sumGradient * reset).store(to: hiddens + third, width: width)
            unsafe (g * update).store(to: previousGradient + (start + i), width: width)
        }
    }
}
