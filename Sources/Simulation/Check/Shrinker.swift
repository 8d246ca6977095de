/// Makes a failing scenario smaller as long as it fails by the same rule.
package struct Shrinker {
    private let fails: (SimulatedRun) -> Violation.Rule?
    private let rule: Violation.Rule

    /// How many scenarios may be tried.
    private var triesLeft = 400

    package init(_ rule: Violation.Rule, fails: @escaping (SimulatedRun) -> Violation.Rule?) {
        self.rule = rule
        self.fails = fails
    }

    /// The smallest that was found: with fewer things that befall it, fewer launches, ranks and steps.
    package mutating func shrink(_ scenario: SimulatedRun) -> SimulatedRun {
        var smallest = scenario
        while let smaller = Self.smaller(than: smallest).first(where: { stillFails($0) }) { smallest = smaller }
        return smallest
    }

    private mutating func stillFails(_ scenario: SimulatedRun) -> Bool {
        guard triesLeft > 0 else { return false }
        triesLeft -= 1
        return fails(scenario) == rule
    }

    /// One step smaller each, the most telling first.
    private static func smaller(than scenario: SimulatedRun) -> [SimulatedRun] {
        var all: [SimulatedRun] = []
        func add(_ change: (inout SimulatedRun) -> Void) {
            var changed = scenario
            change(&changed)
            all.append(changed)
        }
        for index in scenario.mishaps.indices { add { $0.mishaps.remove(at: index) } }
        for index in scenario.diskFaults.indices { add { $0.diskFaults.remove(at: index) } }
        if !scenario.deadlines.isEmpty { add { $0.deadlines = [] } }
        if !scenario.launchesBack.isEmpty { add { $0.launchesBack = [] } }
        if !scenario.clocks.isEmpty { add { $0.clocks = [] } }
        if !scenario.drifts.isEmpty { add { $0.drifts = [] } }
        if scenario.hasLeftovers { add { $0.hasLeftovers = false } }
        if scenario.keepEvery != nil { add { $0.keepEvery = nil } }
        if scenario.saving != .whole { add { $0.saving = .whole } }
        if scenario.tensorParts > 1 { add { $0.tensorParts = 1 } }
        if scenario.hasKey { add { $0.hasKey = false } }
        if scenario.hasWatchdog { add { $0.hasWatchdog = false } }
        if scenario.ranks.count > 1 { add { $0.ranks.removeLast() } }
        for (index, ranks) in scenario.ranks.enumerated() where ranks > 1 {
            add { $0.ranks[index] /= 2 }
            if ranks % 3 == 0 { add { $0.ranks[index] = ranks / 3 * 2 } }
        }
        if scenario.epochs > 1 { add { $0.epochs -= 1 } }
        if scenario.stepsPerEpoch > 1 { add { $0.stepsPerEpoch -= 1 } }
        if scenario.saveEvery != nil { add { $0.saveEvery = nil } }
        return all
    }
}
