import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

/// What a recurrent layer computes with in every run, and its kernels.
struct RecurrenceWork {
    private let cell: RecurrentCell
    private let sizes: RecurrenceSizes
    private let x: Slice<Float>
    private let inputWeight: Slice<Float>
    private let inputBias: Slice<Float>
    private let hiddenBias: Slice<Float>
    private let hiddenWeight: SharedWeight
    private let results: [Slice<Float>]
    private let inputs: Int
    private let pool: ThreadPool

    /// The state before the first step.
    private let start: Slice<Float>

    /// The products of all inputs, where they are no result.
    private let products: Slice<Float>

    init(_ operands: Operands, _ operation: Recurrence) {
        cell = operation.cell
        pool = operands.pool
        sizes = RecurrenceSizes(cell, isReversed: operation.isReversed, states: operands.results[0].shape)
        (x, inputWeight) = (operands.input(0), operands.input(1))
        (inputBias, hiddenBias) = (operands.input(3), operands.input(4))
        hiddenWeight = SharedWeight(
            operands.input(2), inner: sizes.size, outer: sizes.gates, isTransposed: true, rows: sizes.batch, pool: pool)
        results = operands.results.indices.map { operands.result($0) }
        inputs = operands.shape[2]
        start = Slice(zeros: sizes.batch * sizes.size)
        products = Slice(zeros: cell == .gru ? sizes.rows * sizes.gates : 0)
    }

    /// The products of the inputs of all steps with their weight, and the bias: all that waits for no state.
    private func project(into gates: Slice<Float>) {
        var target = gates.mutableSpan
        Kernels.matrixMultiply(
            x.span, inputWeight.span, into: &target, m: sizes.rows, n: sizes.gates, k: inputs, transposeB: true,
            pool: pool)
        addBias(inputBias, to: gates)
    }

    private func addBias(_ bias: Slice<Float>, to gates: Slice<Float>) {
        var target = gates.mutableSpan
        Kernels.addBias(gates.span, bias: bias.span, into: &target, rows: sizes.rows, columns: sizes.gates)
    }

    /// Steps of tanh or max(·, 0).
    func plain() {
        let hidden = results[0]
        project(into: hidden)
        addBias(hiddenBias, to: hidden)
        hiddenWeight.pack()
        for step in sizes.steps {
            let own = hidden[sizes.stateRange(step.place)]
            var target = own.mutableSpan
            if let before = step.before { hiddenWeight.add(hidden[sizes.stateRange(before)], to: &target) }
            if cell == .tanh { Kernels.tanh(own.span, into: &target) } else { Kernels.relu(own.span, into: &target) }
        }
    }

    /// Steps of an LSTM.
    func lstm() {
        let (hidden, cells, gates) = (results[0], results[1], results[2])
        project(into: gates)
        addBias(hiddenBias, to: gates)
        hiddenWeight.pack()
        for step in sizes.steps {
            let (own, previous) = (
                gates[sizes.gateRange(step.place)], step.before.map { cells[sizes.stateRange($0)] } ?? start
            )
            let (state, result) = (cells[sizes.stateRange(step.place)], hidden[sizes.stateRange(step.place)])
            var gateSpan = own.mutableSpan
            var stateSpan = state.mutableSpan
            var resultSpan = result.mutableSpan
            if let before = step.before { hiddenWeight.add(hidden[sizes.stateRange(before)], to: &gateSpan) }
            LayerKernels.lstmCell(
                &gateSpan, previous: previous.span, cell: &stateSpan, hidden: &resultSpan, batch: sizes.batch,
                size: sizes.size, pool: pool)
        }
    }

    /// Steps of GRU.
    func gru() {
        let (hidden, gates, hiddenGates) = (results[0], results[1], results[2])
        project(into: products)
        var all = hiddenGates.mutableSpan
        Kernels.fill(&all, with: 0)
        addBias(hiddenBias, to: hiddenGates)
        hiddenWeight.pack()
        for step in sizes.steps {
            let (product, own) = (hiddenGates[sizes.gateRange(step.place)], gates[sizes.gateRange(step.place)])
            let (ofInput, result) = (products[sizes.gateRange(step.place)], hidden[sizes.stateRange(step.place)])
            let previous = step.before.map { hidden[sizes.stateRange($0)] } ?? start
            var productSpan = product.mutableSpan
            var gateSpan = own.mutableSpan
            var resultSpan = result.mutableSpan
            if let before = step.before { hiddenWeight.add(hidden[sizes.stateRange(before)], to: &productSpan) }
            LayerKernels.gruCell(
                ofInput.span, product.span, previous: previous.span, gates: &gateSpan, hidden: &resultSpan,
                batch: sizes.batch, size: sizes.size, pool: pool)
        }
    }
}
