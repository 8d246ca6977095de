import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

extension Recurrence {
    /// The gradients of the inputs' products, of the states' weight and of its bias, and of the states that a layer began with,
    /// from that of the hidden states, the states' weight, the results, the gradient of an LSTM's last cell state if a loss depends
    /// on it, and what was given behind the biases.
    struct Gradient: Operation {
        let rule: RecurrenceRule
        let hasLastCell: Bool

        var name: String { "recurrenceGradient" }

        var description: String { "\(name)(\(rule)\(hasLastCell ? ", with the last cell" : ""))" }

        /// Of an LSTM and GRU the gates are needed, and what else the steps left.
        private var ownCount: Int { (rule.cell.gateCount > 1 ? 5 : 3) + (hasLastCell ? 1 : 0) }

        var inputCount: Int? { ownCount + rule.givenCount }

        func elementType(ofInput index: Int) -> ElementType? {
            rule.hasLengths && index == ownCount + rule.givenCount - 1 ? .int32 : .float32
        }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            let (states, weight) = (inputs[0].shape, inputs[1].shape)
            let starts = rule.isStarted ? rule.cell.stateCount : 0
            return [
                TensorType([states[0], states[1], weight[0]]), TensorType(weight), TensorType([weight[0]]),
            ] + Array(repeating: TensorType([states[1], states[2]]), count: starts)
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let work = RecurrenceGradientWork(operands, self)
            return switch rule.cell {
            case .tanh, .relu: work.plain
            case .gru: work.gru
            case .lstm: work.lstm
            }
        }

        func scratchCount(inputs: [Shape], results: [Shape]) -> Int {
            RecurrenceScratch.count(RecurrenceSizes(rule, states: inputs[0]), isBackward: true)
        }

        /// The product of each step's gates with the states' weight, and that weight's gradient.
        func operationCount(inputs: [Shape], results: [Shape]) -> Double? {
            4 * Double(inputs[0][0] * inputs[0][1]) * Double(inputs[1].elementCount)
        }
    }
}

/// What the gradient of a recurrent layer computes with in every run, and its kernels.
private struct RecurrenceGradientWork {
    private let cell: RecurrentCell
    private let sizes: RecurrenceSizes
    private let gradient: Slice<Float>
    private let hidden: Slice<Float>
    /// What the forward operation left of its steps behind the hidden states.
    private let kept: [Slice<Float>]
    /// The states before the first step, where they were given, and the gradients of these.
    private let starts: [Slice<Float>]
    private let ofStarts: [Slice<Float>]
    private let ofLastCell: Slice<Float>?
    private let lengths: SequenceLengths?
    private let hiddenWeight: SharedWeight
    private let gates: Slice<Float>
    private let ofWeight: Slice<Float>
    private let ofBias: Slice<Float>
    private let pool: ThreadPool
    private let scratch: RecurrenceScratch

    /// The gradients of a step's hidden state, and of the cell state or of what the step before has of it.
    private let ofState: Slice<Float>
    private let carried: Slice<Float>
    /// The gradients of the states' products, where they are not those of the inputs' products.
    private let ofProducts: Slice<Float>

    init(_ operands: Operands, _ operation: Recurrence.Gradient) {
        cell = operation.rule.cell
        pool = operands.pool
        sizes = RecurrenceSizes(operation.rule, states: operands.shape)
        scratch = RecurrenceScratch(operands.scratch, sizes, isBackward: true)
        (gradient, hidden) = (operands.input(0), operands.input(2))
        var others = operands.inputs.indices.dropFirst(3)
        let lengths = operation.rule.hasLengths ? others.popLast() : nil
        self.lengths = lengths.map { SequenceLengths(operands.integers($0), limit: operands.shape[0]) }
        kept = (cell.gateCount > 1 ? others.prefix(2) : others.prefix(0)).map { operands.input($0) }
        others = others.dropFirst(kept.count)
        ofLastCell = operation.hasLastCell ? others.popFirst().map { operands.input($0) } : nil
        starts = others.map { operands.input($0) }
        ofStarts = operands.results.indices.dropFirst(3).map { operands.result($0) }
        hiddenWeight = SharedWeight(
            operands.input(1), inner: sizes.gates, outer: sizes.size, isTransposed: false, packed: scratch.packed,
            rows: sizes.batch, pool: pool)
        (gates, ofWeight, ofBias) = (operands.result(0), operands.result(1), operands.result(2))
        (ofState, carried) = scratch.states
        ofProducts = cell == .gru ? scratch.products : operands.result(0)
    }

    /// The state before the first step that its cell read.
    private func cellStart() -> Slice<Float> {
        if let given = starts.last { return given }
        scratch.start.clear()
        return scratch.start
    }

    /// Makes ``ofState`` the gradient of a step's hidden state; `later` is the step that it was handed to.
    private func gather(_ step: RecurrenceSizes.Step, _ later: RecurrenceSizes.Step?) {
        ofState.copy(from: gradient[sizes.stateRange(step.place)])
        guard let later else { return }
        addProduct(of: later.place, to: ofState)
        if let passed { add(passed, to: ofState) }
    }

    /// What the step before has of a hidden state beside its product, after a step.
    private var passed: Slice<Float>? {
        switch cell {
        case .gru: carried
        case .tanh, .relu: lengths == nil ? nil : carried
        case .lstm: lengths == nil ? nil : scratch.ended.passed
        }
    }

    private func add(_ slice: Slice<Float>, to target: Slice<Float>) {
        var target = target.mutableSpan
        Kernels.axpy(1, slice.span, into: &target)
    }

    /// Hands the gradients of sequences that have ended before a step to the step before, as they are.
    private func passEnded(_ step: RecurrenceSizes.Step) {
        guard let lengths, let passed else { return }
        if cell != .gru { passed.clear() }
        let (ofProduct, ofInput) = (ofProducts[sizes.gateRange(step.place)], gates[sizes.gateRange(step.place)])
        lengths.forEachEnded(step.place, width: sizes.size) { row in
            passed[row].copy(from: ofState[row])
            if cell == .lstm { carried[row].copy(from: scratch.ended.saved[row]) }
        }
        lengths.forEachEnded(step.place, width: sizes.gates) { row in
            ofProduct[row].clear()
            ofInput[row].clear()
        }
    }

    /// Adds what the hidden state before a step has of its product.
    private func addProduct(of place: Int, to state: Slice<Float>) {
        var target = state.mutableSpan
        hiddenWeight.add(ofProducts[sizes.gateRange(place)], to: &target)
    }

    /// The gradients of weight, bias and of the states at the beginning, from those of all products.
    private func finish() {
        var weight = ofWeight.mutableSpan
        var bias = ofBias.mutableSpan
        Kernels.sumLeadingAxis(ofProducts.span, into: &bias, rows: sizes.rows, columns: sizes.gates, pool: pool)
        if sizes.length > 1 {
            let (products, states) = sizes.follower
            Kernels.matrixMultiply(
                ofProducts[products].span, hidden[states].span, into: &weight, m: sizes.gates, n: sizes.size,
                k: (sizes.length - 1) * sizes.batch, transposeA: true, pool: pool)
        } else {
            Kernels.fill(&weight, with: 0)
        }
        guard let start = starts.first else { return }
        Kernels.matrixMultiply(
            ofProducts[sizes.gateRange(sizes.ends.first)].span, start.span, into: &weight, m: sizes.gates,
            n: sizes.size, k: sizes.batch, transposeA: true, accumulate: true, pool: pool)
        if let passed { ofStarts[0].copy(from: passed) } else { ofStarts[0].clear() }
        addProduct(of: sizes.ends.first, to: ofStarts[0])
        if cell == .lstm { ofStarts[1].copy(from: carried) }
    }

    func plain() {
        hiddenWeight.pack()
        var later: RecurrenceSizes.Step?
        for step in sizes.steps.reversed() {
            gather(step, later)
            let (own, ofOwn) = (hidden[sizes.stateRange(step.place)], gates[sizes.gateRange(step.place)])
            let state = own.span
            let g = ofState.span
            var target = ofOwn.mutableSpan
            for i in state.indices {
                target[i] = cell == .tanh ? g[i] * (1 - state[i] * state[i]) : state[i] > 0 ? g[i] : 0
            }
            passEnded(step)
            later = step
        }
        finish()
    }

    func lstm() {
        let (cells, forwardGates, start) = (kept[0], kept[1], cellStart())
        hiddenWeight.pack()
        if let ofLastCell { carried.copy(from: ofLastCell) } else { carried.clear() }
        var ofCell = carried.mutableSpan
        var later: RecurrenceSizes.Step?
        for step in sizes.steps.reversed() {
            gather(step, later)
            let previous = step.before.map { cells[sizes.stateRange($0)] } ?? start
            let (own, cell) = (forwardGates[sizes.gateRange(step.place)], cells[sizes.stateRange(step.place)])
            let ofOwn = gates[sizes.gateRange(step.place)]
            var target = ofOwn.mutableSpan
            if lengths != nil { scratch.ended.saved.copy(from: carried) }
            LayerKernels.lstmCellGradient(
                ofState.span, cellGradient: &ofCell, gates: own.span, previous: previous.span, cell: cell.span,
                gateGradient: &target, batch: sizes.batch, size: sizes.size, pool: pool)
            passEnded(step)
            later = step
        }
        finish()
    }

    func gru() {
        let (forwardGates, hiddenGates, start) = (kept[0], kept[1], cellStart())
        hiddenWeight.pack()
        var later: RecurrenceSizes.Step?
        for step in sizes.steps.reversed() {
            gather(step, later)
            let previous = step.before.map { hidden[sizes.stateRange($0)] } ?? start
            let (own, product) = (forwardGates[sizes.gateRange(step.place)], hiddenGates[sizes.gateRange(step.place)])
            let (ofOwn, ofProduct) = (gates[sizes.gateRange(step.place)], ofProducts[sizes.gateRange(step.place)])
            var target = ofOwn.mutableSpan
            var ofHidden = ofProduct.mutableSpan
            var before = carried.mutableSpan
            LayerKernels.gruCellGradient(
                ofState.span, gates: own.span, hiddenGates: product.span, previous: previous.span,
                inputGateGradient: &target, hiddenGateGradient: &ofHidden, previousGradient: &before,
                batch: sizes.batch, size: sizes.size, pool: pool)
            passEnded(step)
            later = step
        }
        finish()
    }
}
