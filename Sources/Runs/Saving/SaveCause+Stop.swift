import Checkpoints
import Stopping

extension SaveCause {
    /// The request that all ranks have agreed on.
    init(_ stop: AgreedStop) {
        self.init(stop.reason.description, requestingRank: stop.rank, request: stop.record)
    }
}
