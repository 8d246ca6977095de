import Collectives
import Datasets
import Files
import Foundation
import Lockstep
import Networks
import OpenMPI
import Runs
import Stopping
import Tensors
import Training

/// `RankCases rank-program MISTAKE [RANK]`: a program without a command line that goes wrong, on one rank or on all.
func runRankProgram(_ arguments: [String]) -> Never {
    let mistake = arguments.first ?? "none"
    let only = arguments.dropFirst().first.flatMap { Int($0) }
    RankProgram.main { mpi in
        let isHere = only.map { $0 == mpi.world.rank } ?? true
        switch mistake {
        case "file" where isHere: _ = try String(contentsOf: URL(filePath: "/none/table.csv"), encoding: .utf8)
        case "save" where isHere: throw RunFailure(CaseFailure(description: "the disk is full"), .saveFailed)
        case "no-optimizer": try Model(Dense(2, 2), lossFn: MSELoss(), world: mpi.world).train(1, samples())
        case "stop": try stopItself(in: mpi)
        default: break
        }
        try mpi.world.barrier()
        if mpi.world.rank == 0 { print("all is well") }
    }
}

private func samples() throws -> DataLoader {
    try DataLoader(
        TensorDataset([("x", Tensor(zeros: [8, 2])), ("y", Tensor(zeros: [8, 2]))]), batchSize: 4)
}

/// Rank 1 asks all to stop, of whom one says so.
private func stopItself(in mpi: MPIEnvironment) throws {
    let network = Dense(2, 2)
    let model = Model(
        network, lossFn: MSELoss(), optimizer: Momentum(network.trainableParameters, learningRate: 0.1, momentum: 0.9),
        world: mpi.world)
    let folder = NSTemporaryDirectory() + "/rank-program-\(getppid())"
    defer { if mpi.world.rank == 0 { try? FileManager.default.removeItem(atPath: folder) } }
    let asks = LambdaCallback(onTrainStepBegin: { context in
        if context.world.rank == 1, context.position.step == 1 { kill(getpid(), SIGTERM) }
    })
    try model.train(
        3, samples(), callbacks: [asks, OnRequestExit(saveCkpt: false, saveMindIR: false, directory: folder)])
}
