import Collectives
import Graphs
import Memory
import Networks
import Tensors
import Training

/// What a ghost's values are after each step of a run that nobody disturbs.
struct GhostTrace: Sendable {
    /// The bytes of each parameter and of what the optimizer keeps, by step, from 0.
    private(set) var states: [[[UInt8]]] = []

    /// The bytes of the weights alone.
    private(set) var weights: [[UInt8]] = []

    /// Trains alone, in memory.
    init(_ scenario: SimulatedRun) throws {
        let model = try Ghost.model(world: SoloCommunicator(), seed: Ghost.seed)
        let recorder = Recorder()
        try model.train(
            scenario.epochs,
            Ghost.data(stepsPerEpoch: scenario.stepsPerEpoch, batchSize: scenario.batchSize),
            callbacks: [recorder])
        (states, weights) = (recorder.states, recorder.weights)
    }

    private final class Recorder: Callback {
        var states: [[[UInt8]]] = []
        var weights: [[UInt8]] = []

        override func onTrainBegin(_ runContext: RunContext) { record(runContext) }
        override func onTrainStepEnd(_ runContext: RunContext) { record(runContext) }

        private func record(_ runContext: RunContext) {
            let parameters = runContext.originalArgs().network.parameters
            let all = parameters + (runContext.originalArgs().optimizer?.state ?? [])
            states.append(all.map(Ghost.bytes))
            weights.append(parameters.flatMap(Ghost.bytes))
        }
    }
}

extension Ghost {
    /// That of the run: a scenario's own decides what befalls it.
    static let seed: UInt64 = 20_261_127

    /// The bytes of a parameter.
    static func bytes(of parameter: Parameter) -> [UInt8] {
        let slice = parameter.tensor.bytes
        let span = slice.span
        return span.indices.map { span[$0] }
    }
}

extension GhostTrace {
    /// Whether these are the bytes that a rank has after a step, of parameters of which it has one part of several.
    func holds(_ state: [[UInt8]], part: Int, of parts: Int, afterStep step: Int) -> Bool {
        guard step < states.count, state.count == states[step].count else { return false }
        return zip(state, states[step]).allSatisfy { own, whole in
            let size = whole.count / parts
            return own[...] == (own.count == whole.count ? whole[...] : whole[part * size..<(part + 1) * size])
        }
    }
}
