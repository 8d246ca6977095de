import Collectives
import Files
import Foundation
import Runs
import SystemPackage
import Training

/// The last rank throws in the hook that the argument names.
func callbackFailure(on world: any Communicator, arguments: [String]) throws {
    let hook = arguments.first ?? ""
    let callback = FailingCallback(in: world.rank == world.size - 1 ? hook : nil)
    try requireFailureOfLastRank("\(hook) fails on purpose", on: world) {
        try SmallTraining(on: world).run(callback)
    }
}

/// The last rank cannot make its directory.
func writeFailure(on world: any Communicator, arguments: [String]) throws {
    let folder = try SharedFolder(of: world)
    let path = world.rank == world.size - 1 ? "/dev/null/out" : folder.path.string
    try requireFailureOfLastRank("cannot make the directory /dev/null: File exists", on: world) {
        try SmallTraining(on: world).run(OnRequestExit(saveMindIR: false, directory: path))
    }
    let made = try LocalFileSystem().names(in: folder.path)
    try require(made == (0..<world.size - 1).map { "rank_\($0)" }, "ranks made \(made)")
    try world.barrier()
}

/// The last rank has another network.
func otherNetwork(on world: any Communicator, arguments: [String]) throws {
    let last = world.size - 1
    let error = failure { try SmallTraining(on: world, outputs: world.rank == last ? 3 : 2).run() }
    try require(error as? ModelError == .differentNetworks(rank: last), "it threw \(error as Any)")
    try world.barrier()
}

/// Runs `body`; all ranks must throw what went wrong on the last one, and be able to talk to each other afterwards.
private func requireFailureOfLastRank(
    _ reason: String, on world: any Communicator, _ body: () throws -> Void
) throws {
    let error = failure(body)
    let expected = RankFailure(rank: world.size - 1, reason: reason)
    try require(error as? RankFailure == expected, "it threw \(error as Any) instead of \(expected)")
    try world.barrier()
}

private func failure(_ body: () throws -> Void) -> (any Error)? {
    Result { try body() }.failure
}

extension Result {
    fileprivate var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}

/// Throws in one hook.
private final class FailingCallback: Callback {
    private let hook: String?

    init(in hook: String?) {
        self.hook = hook
    }

    override func onTrainBegin(_ runContext: RunContext) throws { try failIfDue("onTrainBegin") }
    override func onTrainStepEnd(_ runContext: RunContext) throws { try failIfDue("onTrainStepEnd") }
    override func onTrainEpochEnd(_ runContext: RunContext) throws { try failIfDue("onTrainEpochEnd") }

    private func failIfDue(_ hook: String) throws {
        if hook == self.hook { throw CaseFailure(description: "\(hook) fails on purpose") }
    }
}
