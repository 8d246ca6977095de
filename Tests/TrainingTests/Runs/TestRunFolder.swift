import Checkpoints
import Collectives
import Files
import Foundation
import Graphs
import Networks
import Runs
import Stopping
import SystemPackage
import Tensors
import Training

/// Runs of the small model in folders of one test, which go with it.
final class TestRunFolder: Sendable {
    private let root = FilePath(NSTemporaryDirectory()).appending("lockstep-run-\(UUID().uuidString)")

    deinit { try? FileManager.default.removeItem(atPath: root.string) }

    func path(_ name: String) -> FilePath { root.appending(name) }

    /// The names of the published sets, the oldest first.
    func sets(_ name: String) throws -> [String] {
        try CheckpointDirectory(path(name)).list().manifests
            .sorted { $0.checkpoint.progress.step < $1.checkpoint.progress.step }.map(\.name)
    }

    /// Trains, until somebody asks this rank to stop after a step, if one is named.
    @discardableResult
    func train(
        in name: String, _ plan: RunPlan = RunPlan(stops: StopPlan()), epochs: Int = 3,
        world: any Communicator = SoloCommunicator(), stoppingAfter step: Int? = nil, callbacks: [Callback] = [],
        files: any FileSystem = LocalFileSystem(), surroundings: any Surroundings = .system
    ) throws -> (outcome: RunOutcome, weights: [[Float]]) {
        let asked = AskedSource()
        var plan = plan
        plan.stops.sources.append(asked)
        let run = try Run(in: path(name).string, world: world, plan: plan, files: files, surroundings: surroundings)
        let model = smallModel(world: run.world)
        let asks = Actor(.trainStepEnd) { if $0.position.step == step { asked.ask() } }
        let outcome = try run.fit(
            model, epochs: epochs, smallLoader(steps: 4, batchSize: 6), callbacks: [asks] + callbacks)
        return (outcome, model.network.parameters.map { $0.tensor.elements(of: Float.self) })
    }
}
