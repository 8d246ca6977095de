import Foundation
import Glibc
import Lockstep

/// Lets training make as many steps as each line on rank 0's standard input says, and answers what they took.
///
/// The time of a step is that from the beginning of one to the beginning of the next: all that a run does for it.
final class StepServer: Callback {
    private let world: any Communicator
    private let questions: QuestionLine
    private var asked = 0
    private var left = 0
    private var start = ContinuousClock.now
    private var processorStart = 0.0

    init(world: any Communicator) {
        self.world = world
        questions = QuestionLine(world: world)
    }

    override func onTrainBegin(_ runContext: RunContext) throws {
        let network = runContext.originalArgs().network
        questions.answer("ready", "\(network.trainableParameters.reduce(0) { $0 + $1.shape.elementCount })")
    }

    override func onTrainStepBegin(_ runContext: RunContext) throws {
        if left == 0 {
            if asked > 0 { try report() }
            guard let count = try questions.next().flatMap({ Int($0) }) else { return runContext.requestStop() }
            (asked, left) = (count, count)
            try world.barrier()
            start = .now
            processorStart = Self.processorSeconds
        }
        left -= 1
    }

    private func report() throws {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let processorSeconds = Self.processorSeconds - processorStart
        let peak = try world.allReduce(Int64(ProcessMemory.peak), with: .maximum)
        questions.answer("\(seconds)", "\(processorSeconds)", "\(peak)")
    }

    /// Of all threads; POSIX has `clock` count microseconds.
    private static var processorSeconds: Double { Double(clock()) / 1e6 }
}

/// Questions that rank 0 reads and all ranks hear.
final class QuestionLine {
    private let world: any Communicator
    private let word = Slice<Int64>(zeros: 1)
    private let request: any AllReduceRequest

    init(world: any Communicator) {
        self.world = world
        request = world.allReduceRequest(over: word, with: .maximum)
    }

    /// The next question on every rank; nil at the end of them.
    func next() throws -> String? {
        let line = world.rank == 0 ? readLine() : nil
        let word = word
        var number = word.mutableSpan
        number[0] = world.rank == 0 ? (line.flatMap { Int64($0) } ?? -1) : .min
        try request.start()
        // Who waits inside MPI keeps a core busy, which others need for their turn.
        while try !request.test() { usleep(500) }
        return word.span[0] < 0 ? nil : "\(word.span[0])"
    }

    /// Prints an answer, on rank 0.
    func answer(_ parts: String...) {
        guard world.rank == 0 else { return }
        FileHandle.standardOutput.write(Data((parts.joined(separator: "\t") + "\n").utf8))
    }
}

/// The memory of this process.
enum ProcessMemory {
    /// The most that it ever held, in bytes (VmHWM).
    static var peak: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        guard let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            fatalError("/proc/self/status has no number after VmHWM:")
        }
        return kibibytes << 10
    }
}
