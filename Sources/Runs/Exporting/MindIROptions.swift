public import MindIR

/// How a network is written as MindIR.
public struct MindIROptions: Sendable, Equatable {
    /// How many samples the model takes at a time.
    public enum Batch: Sendable, Equatable {
        /// Any number.
        case free

        /// So many; what depends on the batch is fixed.
        case samples(Int)
    }

    /// How many samples it takes at a time. nil: any number, or, if the network does not allow that, as many as a rank has
    /// in a step.
    public var batch: Batch?

    /// Whether the loss is part of it: then its inputs are a sample's columns, and its output is their mean loss, as in
    /// what MindSpore's `OnRequestExit` exports. Else it takes inputs to outputs.
    public var includesLoss: Bool

    /// Parameters of more bytes than this lie in a file beside it.
    public var externalLimit: Int

    /// Describes how a network is written. The default limit is MindSpore's.
    public init(
        batch: Batch? = nil, includesLoss: Bool = false, externalLimit: Int = MindIRModel.externalLimit
    ) {
        self.batch = batch
        self.includesLoss = includesLoss
        self.externalLimit = externalLimit
    }
}

/// Why a network cannot be written as MindIR.
public enum ExportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The network is a rank's part of one, and cannot say what the whole is.
    case partOnly(network: String)

    /// The network has something in it that MindIR has not.
    case refused(network: String, MindIRError)

    /// A batch below 1.
    case badBatch(Int)

    /// One sentence.
    public var description: String {
        switch self {
        case .partOnly(let network):
            "\(network) is a part of a network, of which MindIR needs the whole; a PartitionedCell can make it"
        case .refused(let network, let error): "\(network) cannot be exported: \(error)"
        case .badBatch(let count): "the batch of the exported network is \(count); it must be at least 1"
        }
    }
}
