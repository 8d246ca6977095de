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
    private let scratch: RecurrenceScratch

    /// The states before the first step, where they are given.
    private let starts: [Slice<Float>]
    private let lengths: SequenceLengths?

    init(_ operands: Operands, _ operation: Recurrence) {
        cell = operation.rule.cell
        pool = operands.pool
        sizes = RecurrenceSizes(operation.rule, states: operands.results[0].shape)
        (x, inputWeight) = (operands.input(0), operands.input(1))
        (inputBias, hiddenBias) = (operands.input(3), operands.input(4))
        scratch = RecurrenceScratch(operands.scratch, sizes, isBackward: false)
        hiddenWeight = SharedWeight(
            operands.input(2), inner: sizes.size, outer: sizes.gates, isTransposed: true, packed: scratch.packed,
            rows: sizes.batch, pool: pool)
        results = operands.results.indices.map { operands.result($0) }
        inputs = operands.shape[2]
        let given = operands.inputs.indices.dropFirst(5)
        lengths =
            operation.rule.hasLengths
            ? SequenceLengths(operands.integers(given.upperBound - 1), limit: sizes.length) : nil
        starts = given.dropLast(lengths == nil ? 0 : 1).map { operands.input($0) }
    }

    /// The state before the first step that its cell reads: an LSTM's cell state, GRU's hidden state.
    private func cellStart() -> Slice<Float> {
        lengths?.check()
        if let given = starts.last { return given }
        scratch.start.clear()
        return scratch.start
    }

    /// Gives sequences that have ended before a step the state that they had, or had at the start.
    private func keepEnded(_ step: RecurrenceSizes.Step, _ states: Slice<Float>, _ start: Slice<Float>) {
        guard let lengths else { return }
        let own = states[sizes.stateRange(step.place)]
        let previous = step.before.map { states[sizes.stateRange($0)] } ?? start
        lengths.forEachEnded(step.place, width: sizes.size) { own[$0].copy(from: previous[$0]) }
    }

    /// Adds the product of the hidden state before a step; that of zeros is nothing.
    private func addProduct(before step: RecurrenceSizes.Step, to target: inout MutableSpan<Float>) {
        guard let state = step.before.map({ results[0][sizes.stateRange($0)] }) ?? starts.first else { return }
        hiddenWeight.add(state, to: &target)
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
        let (hidden, start) = (results[0], cellStart())
        project(into: hidden)
        addBias(hiddenBias, to: hidden)
        hiddenWeight.pack()
        for step in sizes.steps {
            let own = hidden[sizes.stateRange(step.place)]
            var target = own.mutableSpan
            addProduct(before: step, to: &target)
            if cell == .tanh { Kernels.tanh(own.span, into: &target) } else { Kernels.relu(own.span, into: &target) }
            keepEnded(step, hidden, start)
        }
    }

    /// Steps of an LSTM.
    func lstm() {
        let (hidden, last, cells, gates) = (results[0], results[1], results[2], results[3])
        let start = cellStart()
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
            addProduct(before: step, to: &gateSpan)
            LayerKernels.lstmCell(
                &gateSpan, previous: previous.span, cell: &stateSpan, hidden: &resultSpan, batch: sizes.batch,
                size: sizes.size, pool: pool)
            keepEnded(step, cells, start)
            keepEnded(step, hidden, starts.first ?? start)
        }
        last.copy(from: cells[sizes.stateRange(sizes.ends.last)])
    }

    /// Steps of GRU.
    func gru() {
        let (hidden, gates, hiddenGates) = (results[0], results[1], results[2])
        let (products, start) = (scratch.products, cellStart())
        project(into: products)
        hiddenGates.clear()
        addBias(hiddenBias, to: hiddenGates)
        hiddenWeight.pack()
        for step in sizes.steps {
            let (product, own) = (hiddenGates[sizes.gateRange(step.place)], gates[sizes.gateRange(step.place)])
            let (ofInput, result) = (products[sizes.gateRange(step.place)], hidden[sizes.stateRange(step.place)])
            let previous = step.before.map { hidden[sizes.stateRange($0)] } ?? start
            var productSpan = product.mutableSpan
            var gateSpan = own.mutableSpan
            var resultSpan = result.mutableSpan
            addProduct(before: step, to: &productSpan)
            LayerKernels.gruCell(
                ofInput.span, product.span, previous: previous.span, gates: &gateSpan, hidden: &resultSpan,
                batch: sizes.batch, size: sizes.size, pool: pool)
            keepEnded(step, hidden, start)
        }
    }
}
