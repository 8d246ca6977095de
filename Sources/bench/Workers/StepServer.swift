import Lockstep

/// Lets training make as many steps as each line on rank 0's standard input says, and answers what they took.
///
/// The time of a step is that from the beginning of one to the beginning of the next: all that a run does for it.
final class StepServer: Callback {
    private let world: any Communicator
    private let meter: CollectiveMeter
    private let questions: QuestionLine
    private var asked = 0
    private var left = 0
    private var start = WorkerTimes()

    /// Makes a server of a run on a communicator that `meter` watches.
    init(world: any Communicator, meter: CollectiveMeter) {
        self.world = world
        self.meter = meter
        questions = QuestionLine(world: world)
    }

    override func onTrainBegin(_ runContext: RunContext) throws {
        let network = runContext.originalArgs().network
        try questions.answer(["ready", "\(network.trainableParameters.reduce(0) { $0 + $1.shape.elementCount })"])
    }

    override func onTrainStepBegin(_ runContext: RunContext) throws {
        if left == 0 {
            if asked > 0 { try report(WorkerTimes(meter) - start) }
            guard let count = try nextSteps() else { return runContext.requestStop() }
            (asked, left) = (count, count)
            try world.barrier()
            start = WorkerTimes(meter)
        }
        left -= 1
    }

    /// How many steps are asked for next; nil at the end. What is no step is done and answered here.
    private func nextSteps() throws -> Int? {
        while let question = try questions.next() {
            meter.meetsInstead = question.manner == .meeting
            switch question.manner {
            case .whole: meter.silenced = []
            case .withoutAgreement: meter.silenced = [.agreement]
            case .withoutReduction, .meeting: meter.silenced = [.gradients]
            case .apart: meter.silenced = [.agreement, .gradients]
            case .reductionAlone:
                try report(reduceAlone(times: question.count))
                continue
            }
            return question.count
        }
        return nil
    }

    private func reduceAlone(times: Int) throws -> WorkerTimes {
        let messages = meter.messages.map { Slice<Float>(zeros: $0 / MemoryLayout<Float>.stride) }
        let before = WorkerTimes(meter)
        var seconds = 0.0
        for _ in 0..<times {
            // What one rank waits for another to come is not the cost of the reduction.
            try world.barrier()
            let begin = ContinuousClock.now
            for message in messages {
                var values = message.mutableSpan
                try world.allReduce(&values, with: .average)
            }
            seconds += (ContinuousClock.now - begin) / .seconds(1)
        }
        var times = WorkerTimes(meter) - before
        times.seconds = seconds
        return times
    }

    /// Answers the means over the ranks, and the most memory that one of them held.
    private func report(_ times: WorkerTimes) throws {
        let means = try [times.processorSeconds, times.gradientSeconds, times.agreementSeconds].map {
            try world.allReduce($0, with: .average)
        }
        let peak = try world.allReduce(Int64(ProcessMemory.peak), with: .maximum)
        try questions.answer(
            ["\(times.seconds)", "\(means[0])", "\(peak)", "\(means[1])", "\(means[2])"]
                + ["\(meter.messages.reduce(0, +))"])
    }
}

/// Readings of a rank's clocks, or what lies between two of them, in seconds.
struct WorkerTimes {
    var seconds = 0.0
    var processorSeconds = 0.0
    var gradientSeconds = 0.0
    var agreementSeconds = 0.0
}

extension WorkerTimes {
    private static let origin = ContinuousClock.now

    /// Reads the clocks.
    init(_ meter: CollectiveMeter) {
        seconds = (ContinuousClock.now - Self.origin) / .seconds(1)
        processorSeconds = ProcessorClock.seconds
        gradientSeconds = meter.seconds[.gradients] ?? 0
        agreementSeconds = meter.seconds[.agreement] ?? 0
    }

    static func - (end: WorkerTimes, start: WorkerTimes) -> WorkerTimes {
        WorkerTimes(
            seconds: end.seconds - start.seconds, processorSeconds: end.processorSeconds - start.processorSeconds,
            gradientSeconds: end.gradientSeconds - start.gradientSeconds,
            agreementSeconds: end.agreementSeconds - start.agreementSeconds)
    }
}
