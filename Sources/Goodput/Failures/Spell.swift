/// A time in which a job has its machines, up to what takes them.
struct Spell: Equatable {
    /// What takes the machines.
    enum End: Equatable {
        /// Processes end; the hosts stay.
        case processes
        /// So many hosts go, with what is on their disks.
        case hosts(Int)
    }

    /// How long there are no machines before.
    var wait: Double

    /// How long there are machines.
    var length: Double

    var end: End

    /// How long before its end it is announced; nil if it is not.
    var notice: Double?

    /// Whether copies on local disks are still there afterwards.
    func leavesLocalCopies(_ copies: SaveStrategy.LocalCopies?) -> Bool {
        guard let copies else { return false }
        return switch end {
        case .processes: true
        case .hosts(let count): count <= 1 && copies.hasPartner
        }
    }
}

/// One spell after the other, without end.
protocol SpellSource {
    mutating func next() -> Spell
}

/// Spells between failures at random.
struct RandomSpells: SpellSource {
    private let model: FailureModel
    private let mtbf: Double
    private let notice: Double
    private var numbers: RandomNumbers
    private var wait = 0.0

    init(_ model: FailureModel, hosts: Int, notice: Double, seed: UInt64) {
        self.model = model
        self.notice = notice
        mtbf = model.mtbf(hosts: hosts)
        numbers = RandomNumbers(seed: seed)
    }

    mutating func next() -> Spell {
        // Three numbers a spell, whatever comes of them: another share changes no time.
        let length = numbers.exponential(mean: mtbf)
        let endsProcesses = numbers.uniform() < model.processShare
        let isNoticed = numbers.uniform() < model.noticedShare
        defer { wait = endsProcesses ? 0 : model.replacementSeconds }
        return Spell(
            wait: wait, length: length, end: endsProcesses ? .processes : .hosts(model.hostsPerFailure),
            notice: isNoticed ? notice : nil)
    }
}

/// Spells of a trace, which begins anew when it is over. When between two ticks machines came and went is not on record: chance
/// decides.
struct TraceSpells: SpellSource {
    private let times: [AvailabilityTrace.UpTime]
    private let duration: Double
    private let gap: Double
    private let notice: Double
    private var numbers: RandomNumbers
    private var index = 0
    private var clock = 0.0

    /// The spells in which a trace has so many hosts; nil if it never has.
    init?(_ trace: AvailabilityTrace, hosts: Int, notice: Double, seed: UInt64) {
        times = trace.upTimes(hosts: hosts)
        guard !times.isEmpty else { return nil }
        duration = trace.seconds
        gap = trace.gapSeconds
        self.notice = notice
        numbers = RandomNumbers(seed: seed)
    }

    mutating func next() -> Spell {
        let begin = max(clock, moment(\.begin))
        var last = times[index % times.count]
        if last.end == duration, times[0].begin == 0 {
            // What comes after the last tick is the first one again, with the machines of the last.
            guard times.count > 1 else { return Spell(wait: 0, length: .infinity, end: .processes) }
            index += 1
            last = times[0]
        }
        let end = max(begin, moment(\.end))
        index += 1
        defer { clock = end }
        return Spell(wait: begin - clock, length: end - begin, end: .hosts(last.lostHosts), notice: notice)
    }

    /// A moment in the tick before the one at which a change was seen.
    private mutating func moment(_ bound: KeyPath<AvailabilityTrace.UpTime, Double>) -> Double {
        let round = Double(index / times.count) * duration
        return round + times[index % times.count][keyPath: bound] - numbers.uniform() * gap
    }
}
