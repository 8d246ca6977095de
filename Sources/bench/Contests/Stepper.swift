import Files
import Foundation

/// A process that makes training steps whenever it is its turn: Lockstep, or a peer.
final class Stepper {
    let name: String

    /// How many numbers its network learns: contestants must agree on it.
    let parameterCount: Int

    private let process: LineProcess
    private let manner: StepQuestion.Manner

    init(_ name: String, _ process: LineProcess) throws {
        guard let count = process.introduction.first.flatMap({ Int($0) }) else {
            throw LineProcessError(name: name, question: "its start", reason: "it does not say its parameters")
        }
        self.name = name
        self.process = process
        parameterCount = count
        manner = .whole
    }

    private init(_ other: Stepper, _ manner: StepQuestion.Manner) {
        name = other.name
        process = other.process
        parameterCount = other.parameterCount
        self.manner = manner
    }

    /// The same process, making its steps in another manner.
    func stepping(_ manner: StepQuestion.Manner) -> Stepper { Stepper(self, manner) }

    /// Makes steps, and says what they took.
    func makeSteps(_ count: Int) throws -> StepEffort {
        let question = StepQuestion(count: count, manner)
        let answer = try process.ask(question.parts)
        guard let effort = StepEffort(answer) else {
            throw LineProcessError(name: name, question: "\(question.parts)", reason: "its answer is \(answer)")
        }
        return effort
    }
}

/// What steps took, in seconds; of several ranks the mean of theirs, where nothing else is said.
struct StepEffort {
    /// By the clock on the wall, on rank 0.
    let seconds: Double

    /// Of processor time; of peers, on rank 0.
    let processorSeconds: Double

    /// The most memory that a process ever held: of the rank that held most.
    let peakByteCount: Int

    /// Inside the calls that start, move and await the reductions of gradients; 0 for peers.
    let gradientSeconds: Double

    /// Inside those of the stop agreement; 0 for peers.
    let agreementSeconds: Double

    /// The bytes of the gradients' messages of one step; 0 for peers.
    let messageByteCount: Int

    /// Reads an answer; nil if it is none.
    init?(_ parts: [String]) {
        let numbers = parts.compactMap { Double($0) }
        guard numbers.count == parts.count, [3, 6].contains(numbers.count) else { return nil }
        seconds = numbers[0]
        processorSeconds = numbers[1]
        peakByteCount = OutsideNumber(nearestTo: numbers[2]).value
        gradientSeconds = numbers.count > 3 ? numbers[3] : 0
        agreementSeconds = numbers.count > 3 ? numbers[4] : 0
        messageByteCount = numbers.count > 3 ? OutsideNumber(nearestTo: numbers[5]).value : 0
    }
}

extension Stepper {
    /// Lockstep's training loop. Several ranks start as a user starts them, by `launch/run`.
    static func ours(
        _ workload: Workload, ranks: Int = 1, threads: Int = 1, hostFile: String? = nil
    ) throws -> Stepper {
        let name = "Lockstep, \(Self.describe(ranks, threads))"
        let worker = ["worker", "--threads", "\(threads)"] + workload.arguments
        return try Stepper(name, LineProcess(name, OwnProgram.command(worker, ranks: ranks, hostFile: hostFile)))
    }

    /// PyTorch; several ranks by DistributedDataParallel over gloo.
    static func torch(
        _ workload: Workload, ranks: Int = 1, threads: Int = 1, compiled: Bool = false, in peers: PeerEnvironment
    ) throws -> Stepper {
        try torch(workload, ranks: ranks, threads: threads, mode: compiled ? .compiled : .eager, in: peers)
    }

    /// PyTorch in one of its settings.
    static func torch(
        _ workload: Workload, ranks: Int = 1, threads: Int = 1, mode: TorchMode, in peers: PeerEnvironment
    ) throws -> Stepper {
        let kind = ranks > 1 ? "PyTorch DDP" : mode == .compiled ? "torch.compile" : "PyTorch \(mode.rawValue)"
        let name = "\(kind), \(Self.describe(ranks, threads))"
        let arguments = ["\(threads)", "\(ranks)", mode.rawValue] + workload.arguments.dropFirst()
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

/// How PyTorch runs a network.
enum TorchMode: String {
    case eager, compiled
    /// With the channels of a place side by side, which suits its convolutions.
    case channelsLast = "channels-last"
}

/// This program, to be started again as a worker.
enum OwnProgram {
    /// A command line that starts it on some ranks: by itself as one, else by `launch/run`.
    static func command(_ arguments: [String], ranks: Int, hostFile: String? = nil) -> [String] {
        let path = Bundle.main.executablePath ?? CommandLine.arguments[0]
        guard ranks > 1 else { return [path] + arguments }
        let script = PeerEnvironment.checkout.appending(path: "launch/run").path(percentEncoded: false)
        let hosts = hostFile.map { ["--hostfile", $0] } ?? []
        return [script, "-n", "\(ranks)"] + hosts + ["--program", path, "--"] + arguments
    }
}
