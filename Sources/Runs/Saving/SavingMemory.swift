import Checkpoints
import Collectives
import Graphs
import Memory
import Networks
import Tensors
package import Training

extension ModelCheckpoint: SavingCallback {
    /// The copy from which files are written while the run goes on, and buffers to gather split tensors with.
    package func savingByteCount(of model: Model) -> Int {
        let state = model.network.parameters + (savesOptimizer ? model.optimizer?.state ?? [] : [])
        let saved = (config.savedNetwork?.parameters ?? state).filter { isSaved($0.name) }.map(\.asSaved)
        let isSplit = !saved.allSatisfy(\.isWhole)
        let kind = kind(isSplit: isSplit, ranks: model.world.size)
        let isWritten = kind != .integrated || isSplit || model.world.rank == 0
        // What is saved at an error is written at once.
        let isCopied = config.asyncSave && config.schedule != .never && isWritten
        return (isCopied ? saved.reduce(0) { $0 + $1.local.bytes.count } : 0)
            + (kind == .integrated ? SavePlan.gatheringByteCount(saved, rank: model.world.rank) : 0)
    }
}

extension OnRequestExit: SavingCallback {
    /// Buffers to gather a network with that the ranks share, for its MindIR.
    package func savingByteCount(of model: Model) -> Int {
        guard mindIR != nil else { return 0 }
        return SavePlan.gatheringByteCount(model.network.parameters.map(\.asSaved), rank: model.world.rank)
    }
}
