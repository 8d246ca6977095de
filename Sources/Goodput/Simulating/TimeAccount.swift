/// Where the time of a run went, in seconds. The five add up to all of it.
public struct TimeAccount: Equatable, Sendable, Codable {
    /// Work that stayed.
    public internal(set) var useful = 0.0

    /// Work that had to be done again.
    public internal(set) var lost = 0.0

    /// Saves that the run waited for.
    public internal(set) var saving = 0.0

    /// Failures being noticed, and launches until their first step.
    public internal(set) var restarting = 0.0

    /// Without enough machines.
    public internal(set) var waiting = 0.0

    /// How often the run lost its machines or its processes.
    public internal(set) var interruptions = 0

    /// How often such a loss was announced, and the stop was over in time.
    public internal(set) var savedStops = 0

    /// All of the time.
    public var total: Double { useful + lost + saving + restarting + waiting }

    /// The share of the time that was work which stayed.
    public var goodput: Double { total > 0 ? useful / total : 0 }
}
