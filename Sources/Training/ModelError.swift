public import Tensors

/// A model that cannot do what it is asked for.
public enum ModelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A number of epochs below 1.
    case badEpochs(Int)
    /// A first epoch that is negative or not before the last.
    case badInitialEpoch(Int, epochs: Int)
    /// A validation frequency below 1.
    case badValidationFrequency(Int)
    /// Training without an optimizer.
    case noOptimizer
    /// Evaluation without a metric.
    case noMetrics
    /// A prediction for what no network takes.
    case badInput(TensorType)
    /// The network of this rank is not that of rank 0.
    case differentNetworks(rank: Int)
    /// The seed of this rank is not that of rank 0.
    case differentSeeds(rank: Int)
    /// An epoch of this rank reads another number of samples than one of rank 0.
    case differentSamples(rank: Int)

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .badEpochs(let epochs): "the number of epochs is \(epochs); it must be at least 1"
        case .badInitialEpoch(let initial, let epochs):
            "the first epoch is \(initial); it must be from 0 to \(epochs - 1), since \(epochs) are to be trained"
        case .badValidationFrequency(let frequency):
            "the validation frequency is \(frequency); it must be at least 1"
        case .noOptimizer: "the model has no optimizer, so it cannot be trained"
        case .noMetrics: "the model has no metrics, so there is nothing to evaluate"
        case .badInput(let type):
            "the input is \(type); it must be float32 or int32, with at least one sample in dimension 0"
        case .differentNetworks(let rank):
            "rank \(rank) has another network, batch or optimizer than rank 0; all ranks must train the same"
        case .differentSamples(let rank):
            "rank \(rank) has another number of samples than rank 0, or samples of other lengths or weights; all ranks must see the same data"
        case .differentSeeds(let rank): "rank \(rank) has another seed than rank 0; a run has one"
        }
    }
}
