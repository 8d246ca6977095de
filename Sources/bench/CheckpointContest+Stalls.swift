import Checkpoints
import Collectives
import Files
import Layouts
import Runs
import Tensors
import Training

extension CheckpointContest {
    /// How long a run stands still for a save that goes on in the background: a copy at least.
    ///
    /// What is written meanwhile is published before the next turn, outside of the time.
    func stalls() throws -> [Contestant] {
        let parameters = tensors.map { ShardedParameter($0.name, $0.tensor) }
        let (buffer, world, mesh) = (StateBuffer(), SoloCommunicator(), try DeviceMesh(["dp": 1]))
        let publisher = CheckpointPublisher(sets, world: world)
        return [
            Contestant(name: "memcpy", rival: "memcpy") { [self] in
                try Effort.measure {
                    for (target, source) in zip(targets, tensors) { target.copy(from: source.tensor) }
                }
            },
            Contestant(name: "asynchronous save", rival: "memcpy") {
                var finish: () throws -> Void = {}
                let effort = try Effort.measure {
                    let copies = buffer.copy(of: parameters)
                    let plan = SavePlan(.integrated, named: "stall", copies, mesh: mesh, world: world)
                    let begun = try publisher.begin(Self.set("stall", plan.records), files: plan.files)
                    let writing = BackgroundWork("checkpoint", in: .system) { try publisher.write(begun) }
                    finish = { _ = try publisher.finish(begun, written: writing.wait()) }
                }
                try finish()
                return effort
            },
        ]
    }
}
