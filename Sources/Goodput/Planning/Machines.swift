/// The machines of a job, and how it loses them.
public enum Machines: Equatable, Sendable {
    /// At random.
    case atRandom(FailureModel)

    /// As a trace has it. Each loss is announced.
    case trace(AvailabilityTrace)

    func check() throws(GoodputError) {
        if case .atRandom(let model) = self { try model.check() }
    }

    /// The mean time from having machines to losing them.
    func meanSpell(hosts: Int) -> Double {
        switch self {
        case .atRandom(let model): return model.mtbf(hosts: hosts)
        case .trace(let trace):
            let times = trace.upTimes(hosts: hosts)
            guard !times.isEmpty else { return 0 }
            return times.reduce(0) { $0 + $1.end - $1.begin } / Double(times.count)
        }
    }

    /// The time in which so many interruptions are to be expected.
    func duration(ofInterruptions count: Int, hosts: Int) -> Double {
        switch self {
        case .atRandom(let model): return Double(count) * model.mtbf(hosts: hosts)
        case .trace(let trace):
            let times = max(1, trace.upTimes(hosts: hosts).count)
            // A trace that has been gone through fifty times has nothing new to say.
            return trace.seconds * Double(min(max(count / times, 1), 50))
        }
    }

    /// Whether there are ever so many machines.
    func has(hosts: Int) -> Bool {
        guard case .trace(let trace) = self else { return true }
        return trace.machines.contains { $0 >= hosts }
    }
}
