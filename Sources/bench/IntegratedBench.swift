import ArgumentParser
import Foundation
import Layouts
import Lockstep
import SystemPackage
import Terminal

/// `bench integrated`, started by `mpirun`: what gathering whole tensors to rank 0 takes.
struct IntegratedBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrated", abstract: "Saving whole tensors that lie in slices on the ranks of an mpirun.",
        discussion: """
            Rank 0 gathers matrices of 25 MB, whose columns lie on all ranks, and streams them into one published file. \
            "Extra" is the most memory that rank 0 took beyond what was there, which does not depend on how much is saved.

                mpirun -n 4 bench integrated
            """)

    @Option(help: "A directory to save to.")
    var directory = "/dev/shm"

    @Option(help: "How many matrices are saved; several counts make a row each.")
    var matrices = [4, 16]

    @Option(help: "How often each is saved.")
    var rounds = 5

    func validate() throws {
        try checkCount("--rounds", rounds, atMost: RoundOptions.mostRounds)
        for count in matrices { try checkCount("--matrices", count, atMost: 10_000) }
    }

    func run() throws {
        let environment = try MPIEnvironment()
        let world = environment.world
        var table = Table("integrated save by \(world.size) ranks", "MB", "GB/s", "extra MiB on rank 0")
        for count in matrices {
            let efforts = try measure(count, over: world)
            let byteCount = Double(count * CheckpointContest.tensorByteCount)
            let extra = efforts.map(\.extraByteCount).max() ?? 0
            table.add(
                "\(count) matrices", (byteCount / 1e6).rounded(digits: 0),
                (byteCount / 1e9 / median(efforts.map(\.seconds))).rounded(digits: 2),
                (Double(extra) / 1_048_576).rounded(digits: 1))
        }
        if world.rank == 0 { try StandardStream.output.print(table.markdown) }
        try environment.finalize()
    }

    /// What each round took this rank, after one that does not count.
    private func measure(_ count: Int, over world: any Communicator) throws -> [Effort] {
        let mesh = try DeviceMesh(["tp": world.size])
        let sharding = try TensorSharding(of: [2500, 2500], mesh.layout(nil, "tp"))
        let parameters = (0..<count).map { index in
            let local = Tensor(zeros: Shape(sharding.shardShape))
            local.fill(with: Float(index + world.rank))
            return ShardedParameter("tensor_\(index)", sharding, local: local)
        }
        let own = FilePath(directory).appending("lockstep-bench-\(ProcessInfo.processInfo.processIdentifier)").string
        let folder = try FilePath(world.broadcast(own, from: 0))
        defer { if world.rank == 0 { try? FileManager.default.removeItem(atPath: folder.string) } }
        let publisher = CheckpointPublisher(CheckpointDirectory(folder), world: world)
        let plan = SavePlan(.integrated, named: "bench", parameters, mesh: mesh, world: world)
        let efforts = try (0...rounds).map { _ in
            try world.barrier()
            return try Effort.measure {
                try publisher.publish(
                    CheckpointContest.set("bench", plan.records), files: plan.files, gathered: plan.gathered)
            }
        }
        try world.barrier()
        return Array(efforts.dropFirst())
    }
}
