import Collectives
import Graphs
import Memory
import Networks
import Tensors
import Training

/// What a ghost's values are after each step of a run that nobody disturbs.
struct GhostTrace: Sendable {
    /// The bytes of all that is saved, by step, from 0.
    private(set) var states: [[UInt8]] = []

    /// The bytes of the weights alone.
    private(set) var weights: [[UInt8]] = []

    /// Trains alone, in memory.
    init(_ scenario: SimulatedRun) throws {
        let model = Ghost.model(world: SoloCommunicator(), seed: Ghost.seed)
        let recorder = Recorder()
        try model.train(
            scenario.epochs,
            Ghost.data(stepsPerEpoch: scenario.stepsPerEpoch, batchSize: scenario.batchSize),
            callbacks: [recorder])
        (states, weights) = (recorder.states, recorder.weights)
    }

    private final class Recorder: Callback {
        var states: [[UInt8]] = []
        var weights: [[UInt8]] = []

        override func onTrainBegin(_ runContext: RunContext) { record(runContext) }
        override func onTrainStepEnd(_ runContext: RunContext) { record(runContext) }

        private func record(_ runContext: RunContext) {
            let parameters = runContext.originalArgs().network.parameters
            states.append(Ghost.bytes(of: parameters + (runContext.originalArgs().optimizer?.state ?? [])))
            weights.append(Ghost.bytes(of: parameters))
        }
    }
}

extension Ghost {
    /// That of the run: a scenario's own decides what befalls it.
    static let seed: UInt64 = 20_261_127

    /// The bytes of parameters, one after the other.
    static func bytes(of parameters: [Parameter]) -> [UInt8] {
        var bytes: [UInt8] = []
        for parameter in parameters {
            let slice = parameter.tensor.bytes
            let span = slice.span
            for index in span.indices { bytes.append(span[index]) }
        }
        return bytes
    }
}
