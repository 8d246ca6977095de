import Files

/// The times of several contestants that ran in turns.
struct Measurement {
    /// Seconds for one call, by contestant and round.
    private let seconds: [[Double]]

    /// Runs each contestant once a round, after one round that does not count.
    ///
    /// A contestant is called as often in a row as takes `atLeast`, so that the clock's grain does not matter.
    static func inTurns(rounds: Int, atLeast: Duration = .milliseconds(20), _ contestants: [() -> Void]) -> Measurement
    {
        let calls = contestants.map { contestant in
            contestant()
            return max(1, OutsideNumber(nearestTo: (atLeast / time(calls: 1, contestant)).rounded(.up)).value)
        }
        var seconds = contestants.map { _ in [Double]() }
        for _ in 0..<rounds {
            for (index, contestant) in contestants.enumerated() {
                let duration = time(calls: calls[index], contestant)
                seconds[index].append(duration / .seconds(1) / Double(calls[index]))
            }
        }
        return Measurement(seconds: seconds)
    }

    /// Runs each contestant once a round, after one round that does not count. They time themselves, in seconds.
    static func inTurns(rounds: Int, timing contestants: [() throws -> Double]) throws -> Measurement {
        var seconds = contestants.map { _ in [Double]() }
        for round in 0...rounds {
            for (index, contestant) in contestants.enumerated() {
                let time = try contestant()
                if round > 0 { seconds[index].append(time) }
            }
        }
        return Measurement(seconds: seconds)
    }

    private static func time(calls: Int, _ contestant: () -> Void) -> Duration {
        ContinuousClock().measure {
            for _ in 0..<calls { contestant() }
        }
    }

    /// The middle time of a contestant.
    func medianSeconds(_ contestant: Int) -> Double {
        median(seconds[contestant])
    }

    /// How many times as fast as `other` a contestant is: the middle of the rounds' ratios.
    func medianSpeed(of contestant: Int, relativeTo other: Int) -> Double {
        median(times(of: other, relativeTo: contestant))
    }

    /// How many times as long as `other` a contestant takes, in each round.
    func times(of contestant: Int, relativeTo other: Int) -> [Double] {
        zip(seconds[contestant], seconds[other]).map(/)
    }
}

/// The middle value; of an even number the mean of the two in the middle.
func median(_ values: [Double]) -> Double {
    precondition(!values.isEmpty, "nothing has no median")
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// Half of what lies between the quarter and the three quarters of the values: how far a typical one is from the middle.
func spread(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(3 * sorted.count) / 4] - sorted[sorted.count / 4]) / 2
}
