import Datasets
import Files
import Memory
import Tensors

/// Makes the samples of the next step ready on threads of their own while a step runs, as many as the loader asks for; without
/// any they are made ready when they are taken. The samples are the same, and an error comes when they are taken.
final class BatchFeed {
    private struct Batch {
        let samples: ArraySlice<Int>
        let length: Int?
        let epoch: Int
        let tensors: [Tensor]
        let work: [BackgroundWork<Void>]
    }

    private let seed: UInt64
    private let surroundings: any Surroundings
    private var next: Batch?

    /// Tensors of a batch that was taken, for the one after the next.
    private var spare: [Tensor] = []

    init(seed: UInt64, in surroundings: any Surroundings) {
        self.seed = seed
        self.surroundings = surroundings
    }

    /// Begins to make samples of a loader ready for tensors like these.
    func begin(_ samples: ArraySlice<Int>, of data: DataLoader, inEpoch epoch: Int, like targets: [Tensor]) {
        guard data.workers > 0 else { return }
        cancel()
        // The memory of another length is free before that of this one is taken.
        if spare.map(\.type) != targets.map(\.type) { spare = [] }
        let tensors = spare.isEmpty ? targets.map { Tensor(zeros: $0.shape, elementType: $0.elementType) } : spare
        spare = []
        let share = (samples.count + data.workers - 1) / data.workers
        let work = stride(from: 0, to: samples.count, by: max(share, 1)).map { start in
            let rows = start..<min(start + share, samples.count)
            // From 0, as of a whole batch: a dataset may count its rows so.
            let part = Array(samples.dropFirst(start).prefix(rows.count))[...]
            let target = tensors.map { $0.rows(rows) }
            return BackgroundWork("samples", in: surroundings) { [seed] in
                try data.copySamples(part, ofEpoch: epoch, seed: seed, into: target)
            }
        }
        next = Batch(samples: samples, length: data.cutLength, epoch: epoch, tensors: tensors, work: work)
    }

    /// Puts samples into tensors: those that were begun, or else now.
    func take(
        _ samples: ArraySlice<Int>, of data: DataLoader, inEpoch epoch: Int, into tensors: [Tensor]
    ) throws {
        guard let batch = next, batch.epoch == epoch, batch.length == data.cutLength,
            batch.samples.elementsEqual(samples)
        else {
            cancel()
            return try data.copySamples(samples, ofEpoch: epoch, seed: seed, into: tensors)
        }
        next = nil
        // All are waited for, so that none writes into tensors that are used again; then the first error counts.
        let outcomes = batch.work.map { $0.wait() }
        spare = batch.tensors
        for outcome in outcomes { try outcome.get() }
        for (target, source) in zip(tensors, batch.tensors) { target.copy(from: source) }
    }

    /// Waits for what is on its way, and lets go of it.
    func cancel() {
        guard let batch = next else { return }
        next = nil
        for work in batch.work { _ = work.wait() }
        spare = batch.tensors
    }
}

extension Tensor {
    /// Some rows of dimension 0, as a view.
    fileprivate func rows(_ range: Range<Int>) -> Tensor {
        let size = bytes.count / max(shape[0], 1)
        return Tensor(
            shape: Shape([range.count] + shape.dimensions.dropFirst()), elementType: elementType,
            bytes: bytes[range.lowerBound * size..<range.upperBound * size])
    }
}
