import Collectives
import Execution
import Graphs
import Memory
import Tensors

/// Makes the training steps of one rank: on all its samples at once, or on one part of them after the other, where less
/// memory is needed and the gradients are added up.
final class StepRunner {
    /// Where this rank's samples of a step are put, one tensor a column.
    let inputs: [Tensor]

    /// The loss of the step, averaged over all samples of all ranks.
    let outputs: [Tensor]

    /// The parameters that a step changes: those that are trained, state of the optimizer, and what layers move.
    let changing: [Parameter]

    private let norm: Tensor?
    private let cursor: StepCursor
    private let rows: Int
    private let sums: GradientSums?
    private let programs: [Program]

    /// Where its programs are while it runs.
    let progress: [ProgramProgress]

    /// Makes a runner of as many programs as the samples have parts: all but the last only add to `sums`. They change
    /// `changing`.
    init(_ programs: [Program], sums: GradientSums?, cursor: StepCursor, changing: [Parameter]) {
        self.changing = changing
        self.programs = programs
        progress = programs.map(\.progress)
        self.sums = sums
        self.cursor = cursor
        rows = programs[0].inputs[0].shape[0]
        let results = programs[programs.count - 1].outputs
        outputs = Array(results.prefix(1))
        norm = results.count > 1 ? results[1] : nil
        guard programs.count > 1 else {
            inputs = programs[0].inputs
            return
        }
        inputs = programs[0].inputs.map { part in
            let shape = Shape([part.shape[0] * programs.count] + part.shape.dimensions.dropFirst())
            return Tensor(zeros: shape, elementType: part.elementType)
        }
    }

    /// Whether it measures the norm of the gradients.
    var measuresNorm: Bool { norm != nil }

    /// The norm of the step's gradients before they were clipped; nil if it is not measured.
    var gradientNorm: Float? { norm.map { $0.slice(of: Float.self).span[0] } }

    /// The memory that a step needs beside parameters and optimizer state, in bytes.
    var byteCount: Int {
        // All parts but the last are one program, run again and again.
        let arenas = programs[0].arenaByteCount + (programs.count > 1 ? programs[programs.count - 1].arenaByteCount : 0)
        // A single program is given the samples where it reads them, in its arena.
        let samples = programs.count > 1 ? inputByteCount : 0
        return arenas + samples + (sums?.gradients.reduce(0) { $0 + $1.tensor.bytes.count } ?? 0)
    }

    /// The size of this rank's samples of a step, in bytes.
    var inputByteCount: Int { inputs.reduce(0) { $0 + $1.bytes.count } }

    /// Makes step `step` of the run; `firstSample` is the number of this rank's first sample in the batch.
    func run(step: Int, firstSample: Int) throws(CollectiveError) {
        sums?.clear()
        for part in programs.indices {
            cursor.move(toStep: step, firstSample: firstSample + part * rows)
            if programs.count > 1 { copyPart(part, to: programs[part]) }
            try programs[part].run()
        }
    }

    private func copyPart(_ part: Int, to program: Program) {
        for column in inputs.indices {
            let target = program.inputs[column].bytes
            target.copy(from: inputs[column].bytes[part * target.count..<(part + 1) * target.count])
        }
    }
}

/// The loss and the gradients added up over the parts of a step.
final class GradientSums {
    /// The number of parts.
    let parts: Int

    let loss = Parameter(name: "loss_sum", value: Tensor(scalar: Float(0)))
    let gradients: [Parameter]

    init(of parameters: [Parameter], parts: Int) {
        self.parts = parts
        gradients = parameters.map { Parameter(name: "sum.\($0.name)", value: Tensor(zeros: $0.shape)) }
    }

    func clear() {
        for sum in [loss] + gradients { sum.tensor.fill(with: 0) }
    }

    /// The mean over the parts of a value of the last part and the sum over those before.
    func mean(_ value: Symbol, _ sum: Parameter) -> Symbol {
        (value + value.trace.symbol(for: sum)) * (1 / Float(parts))
    }
}
