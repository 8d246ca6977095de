import Graphs
import Kernels
import LayerKernels
import Memory
import Tensors

extension Recurrence {
    /// The gradients of the inputs' products, of the states' weight and of its bias, from that of the states, the states'
    /// weight and the results.
    struct Gradient: Operation {
        let cell: RecurrentCell
        let isReversed: Bool

        var name: String { "recurrenceGradient" }

        var description: String { "\(name)(\(cell.rawValue)\(isReversed ? ", reversed" : ""))" }

        /// Of an LSTM and GRU the forward operation has three results.
        var inputCount: Int? {
            switch cell {
            case .tanh, .relu: 3
            case .gru, .lstm: 5
            }
        }

        func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
            let (states, weight) = (inputs[0].shape, inputs[1].shape)
            return [
                TensorType([states[0], states[1], weight[0]]), TensorType(weight), TensorType([weight[0]]),
            ]
        }

        func kernel(_ operands: Operands) -> () -> Void {
            let work = RecurrenceGradientWork(operands, self)
            return switch cell {
            case .tanh, .relu: work.plain
            case .gru: work.gru
            case .lstm: work.lstm
            }
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
    /// The results of the forward operation behind the hidden states.
    private let kept: [Slice<Float>]
    private let hiddenWeight: SharedWeight
    private let gates: Slice<Float>
    private let ofWeight: Slice<Float>
    private let ofBias: Slice<Float>
    private let pool: ThreadPool

    /// The state before the first step.
    private let start: Slice<Float>
    /// The gradients of a step's hidden state, and of the cell state or of what the next step has of it.
    private let ofState: Slice<Float>
    private let carried: Slice<Float>
    /// The gradients of the states' products, where they are not those of the inputs' products.
    private let ofProducts: Slice<Float>

    init(_ operands: Operands, _ operation: Recurrence.Gradient) {
        cell = operation.cell
        pool = operands.pool
        sizes = RecurrenceSizes(cell, isReversed: operation.isReversed, states: operands.shape)
        (gradient, hidden) = (operands.input(0), operands.input(2))
        kept = operands.inputs.indices.dropFirst(3).map { operands.input($0) }
        hiddenWeight = SharedWeight(
            operands.input(1), inner: sizes.gates, outer: sizes.size, isTransposed: false, rows: sizes.batch, pool: pool
        )
        (gates, ofWeight, ofBias) = (operands.result(0), operands.result(1), operands.result(2))
        let count = sizes.batch * sizes.size
        (start, ofState, carried) = (Slice(zeros: count), Slice(zeros: count), Slice(zeros: count))
        ofProducts = cell == .gru ? Slice(zeros: sizes.rows * sizes.gates) : operands.result(0)
    }

    /// Makes ``ofState`` the gradient of a step's hidden state; `later` is the step that it was handed to.
    private func gather(_ step: RecurrenceSizes.Step, _ later: RecurrenceSizes.Step?) {
        ofState.copy(from: gradient[sizes.stateRange(step.place)])
        guard let later else { return }
        var target = ofState.mutableSpan
        hiddenWeight.add(ofProducts[sizes.gateRange(later.place)], to: &target)
    }

    /// The gradients of weight and bias, from those of all products.
    private func finish() {
        var weight = ofWeight.mutableSpan
        var bias = ofBias.mutableSpan
        Kernels.sumLeadingAxis(ofProducts.span, into: &bias, rows: sizes.rows, columns: sizes.gates, pool: pool)
        guard sizes.length > 1 else { return Kernels.fill(&weight, with: 0) }
        let (products, states) = sizes.follower
        Kernels.matrixMultiply(
            ofProducts[products].span, hidden[states].span, into: &weight, m: sizes.gates, n: sizes.size,
            k: (sizes.length - 1) * sizes.batch, transposeA: true, pool: pool)
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
            later = step
        }
        finish()
    }

    func lstm() {
        let (cells, forwardGates) = (kept[0], kept[1])
        hiddenWeight.pack()
        var ofCell = carried.mutableSpan
        Kernels.fill(&ofCell, with: 0)
        var later: RecurrenceSizes.Step?
        for step in sizes.steps.reversed() {
            gather(step, later)
            let previous = step.before.map { cells[sizes.stateRange($0)] } ?? start
            let (own, cell) = (forwardGates[sizes.gateRange(step.place)], cells[sizes.stateRange(step.place)])
            let ofOwn = gates[sizes.gateRange(step.place)]
            var target = ofOwn.mutableSpan
            LayerKernels.lstmCellGradient(
                ofState.span, cellGradient: &ofCell, gates: own.span, previous: previous.span, cell: cell.span,
                gateGradient: &target, batch: sizes.batch, size: sizes.size, pool: pool)
            later = step
        }
        finish()
    }

    func gru() {
        let (forwardGates, hiddenGates) = (kept[0], kept[1])
        hiddenWeight.pack()
        var later: RecurrenceSizes.Step?
        for step in sizes.steps.reversed() {
            gather(step, later)
            if later != nil { addCarried() }
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
            later = step
        }
        finish()
    }

    /// What the next step has of this state beside its products.
    private func addCarried() {
        var target = ofState.mutableSpan
        Kernels.axpy(1, carried.span, into: &target)
    }
}
