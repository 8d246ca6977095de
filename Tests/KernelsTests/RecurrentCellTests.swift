import Kernels
import LayerKernels
import Testing

@Suite struct RecurrentCellTests {
    static let shapes = [(0, 3), (1, 1), (3, 15), (2, 16), (5, 33), (16, 256)]

    /// Gates, cell and hidden state of an LSTM's step.
    private func lstm(_ gates: [Float], _ previous: [Float], _ batch: Int, _ size: Int, threads: Int?) -> [[Float]] {
        var gates = gates
        var gateSpan = gates.mutableSpan
        let states = three(batch * size, batch * size, 0) { cell, hidden, _ in
            guard let threads else {
                return Reference.lstmCell(
                    &gateSpan, previous: previous.span, cell: &cell, hidden: &hidden, batch: batch, size: size)
            }
            lstmCell(
                &gateSpan, previous: previous.span, cell: &cell, hidden: &hidden, batch: batch, size: size,
                pool: ThreadPool(threads: threads))
        }
        return [gates, states[0], states[1]]
    }

    /// The gradients of gates and state before, where those of hidden state and cell state are given.
    private func lstmGradient(
        _ sums: [Float], _ previous: [Float], _ gradient: [Float], _ cellGradient: [Float], _ batch: Int, _ size: Int,
        threads: Int
    ) -> [[Float]] {
        let step = lstm(sums, previous, batch, size, threads: 1)
        let (gateValues, cell) = (step[0], step[1])
        var cellGradient = cellGradient
        var cellSpan = cellGradient.mutableSpan
        let gates = written(batch * 4 * size) {
            lstmCellGradient(
                gradient.span, cellGradient: &cellSpan, gates: gateValues.span, previous: previous.span,
                cell: cell.span, gateGradient: &$0, batch: batch, size: size, pool: ThreadPool(threads: threads))
        }
        return [gates, cellGradient]
    }

    @Test(arguments: shapes) func lstmStepMatchesTheReference(batch: Int, size: Int) {
        let (gates, previous) = (
            randomValues(batch * 4 * size, in: -9..<9), randomValues(batch * size, seed: 2, in: -3..<3)
        )
        let actual = lstm(gates, previous, batch, size, threads: 1)
        for (actual, expected) in zip(actual, lstm(gates, previous, batch, size, threads: nil)) {
            #expect(largestError(actual, expected) < 1e-6)
        }
        #expect(zip(actual, lstm(gates, previous, batch, size, threads: 3)).allSatisfy { isSame($0, $1) })
    }

    @Test func lstmGradientIsThatOfTheReferenceNumerically() {
        let (batch, size) = (3, 17)
        let (sums, previous) = (randomValues(batch * 4 * size), randomValues(batch * size, seed: 2))
        let (gradient, cellGradient) = (randomValues(batch * size, seed: 3), randomValues(batch * size, seed: 4))
        let actual = lstmGradient(sums, previous, gradient, cellGradient, batch, size, threads: 2)
        func loss(_ sums: [Float], _ previous: [Float]) -> Double {
            let step = lstm(sums, previous, batch, size, threads: nil)
            return scalarProduct(step[2], gradient) + scalarProduct(step[1], cellGradient)
        }
        #expect(largestGradientError(actual[0], of: sums, step: 1e-2) { loss($0, previous) } < 1e-3)
        #expect(largestGradientError(actual[1], of: previous, step: 1e-2) { loss(sums, $0) } < 1e-3)
    }

    /// Gates and hidden state of a GRU's step.
    private func gru(
        _ inputs: [Float], _ hiddens: [Float], _ previous: [Float], _ batch: Int, _ size: Int, threads: Int?
    ) -> [[Float]] {
        three(batch * 3 * size, batch * size, 0) { gates, hidden, _ in
            guard let threads else {
                return Reference.gruCell(
                    inputs.span, hiddens.span, previous: previous.span, gates: &gates, hidden: &hidden, batch: batch,
                    size: size)
            }
            gruCell(
                inputs.span, hiddens.span, previous: previous.span, gates: &gates, hidden: &hidden, batch: batch,
                size: size, pool: ThreadPool(threads: threads))
        }
    }

    @Test(arguments: shapes) func gruStepMatchesTheReference(batch: Int, size: Int) {
        let (inputs, hiddens) = (
            randomValues(batch * 3 * size, in: -9..<9), randomValues(batch * 3 * size, seed: 2, in: -9..<9)
        )
        let previous = randomValues(batch * size, seed: 3)
        let actual = gru(inputs, hiddens, previous, batch, size, threads: 1)
        for (actual, expected) in zip(actual, gru(inputs, hiddens, previous, batch, size, threads: nil)) {
            #expect(largestError(actual, expected) < 2e-6)
        }
        #expect(zip(actual, gru(inputs, hiddens, previous, batch, size, threads: 3)).allSatisfy { isSame($0, $1) })
    }

    @Test func gruGradientIsThatOfTheReferenceNumerically() {
        let (batch, size) = (3, 17)
        let (inputs, hiddens) = (randomValues(batch * 3 * size), randomValues(batch * 3 * size, seed: 2))
        let (previous, gradient) = (randomValues(batch * size, seed: 3), randomValues(batch * size, seed: 4))
        let gates = gru(inputs, hiddens, previous, batch, size, threads: 1)[0]
        let actual = three(batch * 3 * size, batch * 3 * size, batch * size) { dInputs, dHiddens, dPrevious in
            gruCellGradient(
                gradient.span, gates: gates.span, hiddenGates: hiddens.span, previous: previous.span,
                inputGateGradient: &dInputs, hiddenGateGradient: &dHiddens, previousGradient: &dPrevious, batch: batch,
                size: size, pool: ThreadPool(threads: 2))
        }
        func loss(_ inputs: [Float], _ hiddens: [Float], _ previous: [Float]) -> Double {
            scalarProduct(gru(inputs, hiddens, previous, batch, size, threads: nil)[1], gradient)
        }
        #expect(largestGradientError(actual[0], of: inputs, step: 1e-2) { loss($0, hiddens, previous) } < 1e-3)
        #expect(largestGradientError(actual[1], of: hiddens, step: 1e-2) { loss(inputs, $0, previous) } < 1e-3)
        #expect(largestGradientError(actual[2], of: previous, step: 1e-2) { loss(inputs, hiddens, $0) } < 1e-3)
    }
}
