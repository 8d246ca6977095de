import Foundation

/// A process that makes training steps whenever it is its turn: Lockstep, or a peer.
final class Stepper {
    let name: String

    /// How many numbers its network learns: contestants must agree on it.
    let parameterCount: Int

    private let process: LineProcess

    init(_ name: String, _ process: LineProcess) throws {
        guard let count = process.introduction.first.flatMap({ Int($0) }) else {
            throw LineProcessError(name: name, question: "its start", reason: "it does not say its parameters")
        }
        self.name = name
        self.process = process
        parameterCount = count
    }

    /// Makes steps, and says what they took.
    func makeSteps(_ count: Int) throws -> StepEffort {
        let answer = try process.ask("\(count)")
        guard let effort = StepEffort(answer) else {
            throw LineProcessError(name: name, question: "\(count)", reason: "its answer is \(answer)")
        }
        return effort
    }
}

/// What steps took.
struct StepEffort {
    let seconds: Double

    /// Seconds of processor time, of rank 0.
    let processorSeconds: Double

    /// The most memory that the process ever held: of the rank that held most.
    let peakByteCount: Int

    init?(_ parts: [String]) {
        guard parts.count == 3, let seconds = Double(parts[0]), let processorSeconds = Double(parts[1]),
            let peakByteCount = Int(parts[2])
        else { return nil }
        self.seconds = seconds
        self.processorSeconds = processorSeconds
        self.peakByteCount = peakByteCount
    }
}

extension Stepper {
    /// Lockstep's training loop. Several ranks start as a user starts them, by `launch/run`.
    static func ours(_ workload: Workload, ranks: Int = 1, threads: Int = 1) throws -> Stepper {
        let name = "Lockstep, \(Self.describe(ranks, threads))"
        let worker = ["worker", "--threads", "\(threads)"] + workload.arguments
        return try Stepper(name, LineProcess(name, OwnProgram.command(worker, ranks: ranks)))
    }

    /// PyTorch; several ranks by DistributedDataParallel over gloo.
    static func torch(
        _ workload: Workload, ranks: Int = 1, threads: Int = 1, compiled: Bool = false, in peers: PeerEnvironment
    ) throws -> Stepper {
        let kind = ranks > 1 ? "PyTorch DDP" : compiled ? "torch.compile" : "PyTorch eager"
        let name = "\(kind), \(Self.describe(ranks, threads))"
        let arguments = ["\(threads)", "\(ranks)", compiled ? "compiled" : "eager"] + workload.arguments.dropFirst()
        return try Stepper(name, peers.start(name, "\(workload.name)_torch.py", arguments))
    }

    /// MindSpore in graph mode, on one rank and with the threads that it chooses.
    static func mindSpore(_ workload: Workload, in peers: PeerEnvironment) throws -> Stepper {
        let script = "\(workload.name)_mindspore.py"
        return try Stepper("MindSpore", peers.start("MindSpore", script, Array(workload.arguments.dropFirst())))
    }

    private static func describe(_ ranks: Int, _ threads: Int) -> String {
        "\(ranks) rank\(ranks == 1 ? "" : "s"), \(threads) thread\(threads == 1 ? "" : "s")"
    }
}

/// This program, to be started again as a worker.
enum OwnProgram {
    /// A command line that starts it on some ranks: by itself as one, else by `launch/run`.
    static func command(_ arguments: [String], ranks: Int) -> [String] {
        let path = Bundle.main.executablePath ?? CommandLine.arguments[0]
        guard ranks > 1 else { return [path] + arguments }
        let script = PeerEnvironment.checkout.appending(path: "launch/run").path()
        return [script, "-n", "\(ranks)", "--program", path, "--"] + arguments
    }
}
