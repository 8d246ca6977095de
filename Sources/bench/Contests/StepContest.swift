/// Training steps of several contestants that take turns.
struct StepContest {
    let steppers: [Stepper]

    private let measurement: Measurement
    private let processorTimes: Measurement
    private let peaks: [Int]

    /// Lets contestants take turns of about `turnSeconds` each, and `extras`, which time themselves, beside them.
    init(
        of steppers: [Stepper], rounds: Int, turnSeconds: Double, beside extras: [() throws -> Double] = []
    ) throws {
        for stepper in steppers {
            precondition(
                stepper.parameterCount == steppers[0].parameterCount,
                "\(stepper.name) learns \(stepper.parameterCount) numbers, \(steppers[0].name) \(steppers[0].parameterCount)"
            )
        }
        self.steppers = steppers
        let turns = try steppers.map { try Turn($0, seconds: turnSeconds) }
        measurement = try .inTurns(rounds: rounds, timing: turns.map { turn in { try turn.take() } } + extras)
        processorTimes = Measurement(seconds: turns.map { Array($0.processorSeconds.dropFirst()) })
        peaks = turns.map(\.peakByteCount)
    }

    /// The seconds of a step, or of an extra behind the contestants.
    func seconds(_ contestant: Int) -> Double { measurement.medianSeconds(contestant) }

    /// The seconds of processor time that rank 0 takes for a step.
    func processorSeconds(_ contestant: Int) -> Double { processorTimes.medianSeconds(contestant) }

    /// How many times as fast as `other` a contestant is.
    func speed(of contestant: Int, relativeTo other: Int) -> Double {
        measurement.medianSpeed(of: contestant, relativeTo: other)
    }

    /// The most memory that a process of a contestant held.
    func peakByteCount(_ contestant: Int) -> Int { peaks[contestant] }
}

/// The turns of one contestant.
private final class Turn {
    private(set) var processorSeconds: [Double] = []
    private(set) var peakByteCount = 0
    private let stepper: Stepper
    private let count: Int

    /// Finds out how many steps make a turn.
    init(_ stepper: Stepper, seconds: Double) throws {
        self.stepper = stepper
        // The first steps find caches empty and memory untouched.
        _ = try stepper.makeSteps(2)
        let few = try stepper.makeSteps(3)
        count = max(2, Int(seconds / few.seconds * 3))
    }

    /// Makes the steps; the seconds of one.
    func take() throws -> Double {
        let effort = try stepper.makeSteps(count)
        processorSeconds.append(effort.processorSeconds / Double(count))
        peakByteCount = effort.peakByteCount
        return effort.seconds / Double(count)
    }
}
