import Checkpoints
import Collectives
package import Graphs
import Networks
package import Records
import Stopping

/// How the epochs of a run and its callbacks stand together.
package struct EpochState {
    /// The last epoch whose end the callbacks have seen, validation included.
    package var ended = 0

    /// Whether the epoch that ends now is whole: all its steps are made, and the validation that was due. If it is not,
    /// its end comes once more when the run carries on.
    package var isWhole = true

    /// Whether the end under way may have been seen by some callbacks in the run before.
    package var isRepeated = false

    /// Whether a callback ended the run from which this one carries on.
    package var isRunEnded = false

    /// What callbacks kept in the set that the run carries on from.
    package var resumed: CallbackRecord?

    /// What was measured of the weights, where they are not those of the last step.
    package var restoredMetrics: [String: Double]?
}

extension RunContext {
    /// Whether a monitor is to count the epoch that ends: once, and not one that is not whole.
    package func countsEpoch(after lastCounted: Int?) -> Bool {
        epochs.isWhole && !(epochs.isRepeated && lastCounted == originalArgs().curEpochNum)
    }

    /// What was measured of the state as it is: the loss of the last step and the results of the validation after it.
    package var stateMetrics: [String: Double] {
        let run = originalArgs()
        var metrics = run.evalResults ?? [:]
        if let loss = run.loss { metrics["loss"] = Double(loss) }
        return epochs.restoredMetrics ?? metrics
    }

    /// Whether a callback has ended the run.
    package var isEndedByCallback: Bool { epochs.isRunEnded || agreedStop?.reason == .ended }

    /// What a set tells of the run beside how far it is; all ranks ask together.
    package func trainingRecord(nonFinite: String?) throws -> TrainingRecord {
        TrainingRecord(
            nonFinite: nonFinite, settings: settings.values, callbacks: try callbackRecord(),
            options: TrainingRecord.recordable(settings.options))
    }

    /// How the callbacks stand, on rank 0; all ranks ask together, and throw if one's state is no JSON.
    private func callbackRecord() throws -> CallbackRecord? {
        try world.together {
            guard world.rank == 0, originalArgs().trainNetwork != nil else { return nil }
            var states: [String: String] = [:]
            for (name, callback) in statefulCallbacks { states[name] = try callback.encodedState() }
            return CallbackRecord(
                endedEpoch: epochs.ended, endsRun: isEndedByCallback, loss: originalArgs().loss.map { Double($0) },
                states: states)
        }
    }

    /// Gives the callbacks what they kept, all ranks together.
    package func restoreCallbacks() throws {
        guard let record = epochs.resumed else { return }
        epochs.ended = record.endedEpoch
        try world.together {
            for (name, callback) in statefulCallbacks {
                guard let state = record.states[name] else { continue }
                do {
                    try callback.restoreState(state)
                } catch {
                    let problem = (error as? DecodingError)?.sentence(of: state.utf8) ?? "\(error)"
                    throw CallbackStateError(callback: name, problem: problem)
                }
            }
        }
    }

    /// What callbacks keep beside the state of the run.
    package var keptParameters: [Parameter] { parameterKeepers.flatMap(\.keptParameters) }

    /// What callbacks may have kept.
    package var parametersToLoad: [Parameter] {
        parameterKeepers.flatMap { $0.parametersToLoad(for: originalArgs().network) }
    }

    private var parameterKeepers: [any KeepsParameters] {
        originalArgs().listCallback.compactMap { $0 as? any KeepsParameters }
    }

    /// Whether some callback counts epochs.
    package var hasStatefulCallbacks: Bool { !statefulCallbacks.isEmpty }

    /// By name: the type's, and from the second of a type on its number.
    private var statefulCallbacks: [(name: String, callback: any StatefulCallback)] {
        var counts: [String: Int] = [:]
        return originalArgs().listCallback.compactMap { callback in
            guard let callback = callback as? any StatefulCallback else { return nil }
            let type = "\(type(of: callback))"
            counts[type, default: 0] += 1
            return (counts[type] == 1 ? type : "\(type)-\(counts[type] ?? 0)", callback)
        }
    }
}

/// What a callback kept is nothing that it understands.
package struct CallbackStateError: Error, CustomStringConvertible {
    package let callback: String
    package let problem: String

    package var description: String { "what \(callback) kept with the checkpoint cannot be read: \(problem)" }
}
