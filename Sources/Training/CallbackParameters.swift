public import Datasets
import Graphs
import Memory
public import Networks
public import Tensors

/// The state of a run as callbacks see it (MindSpore's `cb_params`).
///
/// A property is nil before the stage in which MindSpore sets its key. Each has MindSpore's name in Swift's spelling;
/// attributes of your own are reached by subscript: `parameters["best"] = 0.9`.
public final class CallbackParameters {
    /// Training, or evaluation (also the validation inside `fit`).
    public enum Mode: String, Sendable { case train, eval }

    /// What is being done.
    public internal(set) var mode: Mode

    /// The epoch, from 1; nil before the first epoch and in a plain evaluation.
    public internal(set) var curEpochNum: Int?

    /// The step, from 1 over the whole run; in evaluation over the evaluation.
    public internal(set) var curStepNum = 0

    /// How many epochs the run has.
    public internal(set) var epochNum: Int?

    /// How many steps an epoch has.
    public internal(set) var batchNum = 0

    /// The network.
    public internal(set) var network: any Cell

    /// The network that is trained: with loss and optimizer, in the graph.
    public internal(set) var trainNetwork: (any Cell)?

    /// The network that is evaluated.
    public internal(set) var evalNetwork: (any Cell)?

    /// The loss.
    public internal(set) var lossFn: (any Loss)?

    /// The optimizer.
    public internal(set) var optimizer: Optimizer?

    /// "stand_alone" or "data_parallel".
    public internal(set) var parallelMode: String?

    /// How many ranks there are.
    public internal(set) var deviceNumber: Int?

    /// Where the training samples come from.
    public internal(set) var trainDataset: DataLoader?

    /// Where the samples of an evaluation come from.
    public internal(set) var validDataset: DataLoader?

    /// The callbacks of the run.
    public internal(set) var listCallback: [Callback] = []

    /// This rank's part of the batch of the step, one tensor a column.
    public internal(set) var trainDatasetElement: [Tensor]?

    /// The numbers in the dataset of the samples in ``trainDatasetElement``, a row each; not in MindSpore.
    public internal(set) var trainSamples: ArraySlice<Int> = []

    /// This rank's part of the batch of the evaluation step.
    public internal(set) var evalDatasetElement: [Tensor]?

    /// What came out of the step: the loss, averaged over all ranks. In evaluation, of this rank's samples: the loss, the first
    /// output and the first label, then the other outputs and the other labels of a ``BranchedCell``.
    public internal(set) var netOutputs: [Tensor]?

    /// The norm of all gradients of the step together, over all ranks, before they were clipped; nil if they are not clipped and
    /// no callback says ``Callback/readsGradientNorm``. Not in MindSpore.
    public internal(set) var gradientNorm: Float?

    /// The results of the last evaluation.
    public internal(set) var metrics: [String: Double]?

    /// In `fit`, the results of the validation with `eval_loss` beside them.
    public internal(set) var evalResults: [String: Double]?

    /// The last step that a checkpoint was saved after. (MindSpore documents it and never sets it.)
    public var lastSaveCkptStep: Int?

    /// The newest checkpoint file. (MindSpore documents it and never sets it.)
    public var latestCkptFile: String?

    /// Always false: MindSpore's data sinking has no meaning on a processor.
    public let datasetSinkMode = false

    private var attributes: [String: Any] = [:]

    init(mode: Mode, network: any Cell) {
        self.mode = mode
        self.network = network
    }

    /// An attribute of your own.
    public subscript(name: String) -> Any? {
        get { attributes[name] }
        set { attributes[name] = newValue }
    }
}

extension CallbackParameters {
    /// The step in its epoch, from 1: the number in file names and messages.
    public var stepInEpoch: Int { batchNum == 0 ? 0 : (curStepNum - 1) % batchNum + 1 }

    /// The learning rate of the step, whether it is constant or follows a schedule; nil where nothing is trained. Not in
    /// MindSpore, where it is `cb_params.optimizer.learning_rate`.
    public var learningRate: Float? {
        optimizer.map { $0.learningRate.tensor.slice(of: Float.self).span[0] }
    }

    /// The loss of the step.
    public var loss: Float? {
        netOutputs.flatMap { $0.first }.map { $0.slice(of: Float.self).span[0] }
    }
}
