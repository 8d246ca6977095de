import ArgumentParser
import Lockstep
import Terminal

/// `bench worker`: Lockstep as a contestant, which makes training steps as a ``LineProcess`` asks.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Make training steps on command.", shouldDisplay: false)

    @Option(help: "Threads of a rank.")
    var threads = 1

    @Argument(
        help:
            "gpt SAMPLES LAYERS WIDTH HEADS LENGTH VOCABULARY, lenet SAMPLES, pictures NETWORK SAMPLES, or lstm SAMPLES LENGTH."
    )
    var workload: [String]

    func validate() throws { try checkCount("--threads", threads, atMost: 4096) }

    func run() throws {
        guard let workload = Workload(arguments: workload) else {
            throw ValidationError("\(self.workload.joined(separator: " ")) is no workload")
        }
        try WorkerWorld.run { world in
            let meter = CollectiveMeter()
            let (model, data) = try workload.makeTraining(in: MeteredCommunicator(world, meter), threads: threads)
            // It ends when there are no more questions.
            try model.train(1_000_000_000, data, callbacks: [StepServer(world: world, meter: meter)])
        }
    }
}

/// The ranks of a worker.
enum WorkerWorld {
    /// Runs `body` on the ranks that `mpirun` started, or on one where nobody did.
    static func run(_ body: (any Communicator) throws -> Void) throws {
        guard MPIEnvironment.isUnderLauncher else { return try body(SoloCommunicator()) }
        let environment = try MPIEnvironment()
        do {
            try body(environment.world)
        } catch {
            StandardStream.error.offer("bench: rank \(environment.world.rank): \(error)\n")
            environment.abort(code: 1)
        }
        try environment.finalize()
    }
}
