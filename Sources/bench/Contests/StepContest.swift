import Files

/// Training steps of several contestants that take turns.
struct StepContest {
    let steppers: [Stepper]

    private let measurement: Measurement
    private let turns: [Turn]

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
        turns = try steppers.map { try Turn($0, seconds: turnSeconds) }
        measurement = try .inTurns(rounds: rounds, timing: turns.map { turn in { try turn.take() } } + extras)
    }

    /// The seconds of a step, or of an extra behind the contestants.
    func seconds(_ contestant: Int) -> Double { measurement.medianSeconds(contestant) }

    /// The middle of what the turns of a contestant say, for one step.
    func median(_ contestant: Int, _ part: (StepEffort) -> Double) -> Double {
        let turn = turns[contestant]
        // The first turn does not count.
        return bench.median(turn.efforts.dropFirst().map { part($0) / Double(turn.count) })
    }

    /// The seconds of processor time that a rank takes for a step.
    func processorSeconds(_ contestant: Int) -> Double { median(contestant, \.processorSeconds) }

    /// How many times as long as `other` a contestant takes, in each round.
    func slowness(of contestant: Int, relativeTo other: Int) -> [Double] {
        measurement.times(of: contestant, relativeTo: other)
    }

    /// How many times as fast as `other` a contestant is.
    func speed(of contestant: Int, relativeTo other: Int) -> Double {
        measurement.medianSpeed(of: contestant, relativeTo: other)
    }

    /// The most memory that a process of a contestant held.
    func peakByteCount(_ contestant: Int) -> Int { turns[contestant].efforts.map(\.peakByteCount).max() ?? 0 }

    /// The bytes that each rank of a contestant reduces in a step.
    func messageByteCount(_ contestant: Int) -> Int { turns[contestant].efforts[0].messageByteCount }
}

/// The turns of one contestant.
private final class Turn {
    private(set) var efforts: [StepEffort] = []
    let count: Int
    private let stepper: Stepper

    /// Finds out how many steps make a turn.
    init(_ stepper: Stepper, seconds: Double) throws {
        self.stepper = stepper
        // The first steps find caches empty and memory untouched.
        _ = try stepper.makeSteps(2)
        let few = try stepper.makeSteps(3)
        count = max(2, OutsideNumber(nearestTo: seconds / few.seconds * 3).value)
    }

    /// Makes the steps; the seconds of one.
    func take() throws -> Double {
        let effort = try stepper.makeSteps(count)
        efforts.append(effort)
        return effort.seconds / Double(count)
    }
}
