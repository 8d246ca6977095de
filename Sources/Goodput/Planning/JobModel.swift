/// A job that saves by one strategy on one number of ranks: what can be asked of it by simulation.
struct JobModel {
    let strategy: SaveStrategy
    let saves: SaveCosts
    let machines: Machines
    let hosts: Int
    let seed: UInt64
    private let stepSeconds: Double
    private let noticeSeconds: Double

    init(_ costs: JobCosts, _ strategy: SaveStrategy, _ machines: Machines, ranks: Int, seed: UInt64) {
        self.strategy = strategy
        self.machines = machines
        self.seed = seed
        hosts = costs.hosts(ranks: ranks)
        saves = SaveCosts(costs, strategy, ranks: ranks)
        stepSeconds = costs.stepSeconds
        noticeSeconds = costs.noticeSeconds
    }

    /// The mean time from having machines to losing them.
    var mtbf: Double { machines.meanSpell(hosts: hosts) }

    /// The interval after Young, of which there are whole steps.
    var young: Double { max(SaveInterval.young(save: saves.meanStallSeconds, mtbf: mtbf), stepSeconds) }

    /// The interval after Daly, of which there are whole steps.
    var daly: Double { max(SaveInterval.daly(save: saves.meanStallSeconds, mtbf: mtbf), stepSeconds) }

    /// An interval in whole steps.
    func whole(_ interval: Double) -> Double { max((interval / stepSeconds).rounded(), 1) * stepSeconds }

    /// The time in which an interval meets as many failures as it should.
    func duration(_ effort: SearchEffort) -> Double {
        machines.duration(ofInterruptions: effort.interruptions, hosts: hosts)
    }

    /// Looks for the best interval around Young's, as far as that may be wrong.
    func search(_ effort: SearchEffort) -> IntervalSearch {
        let duration = duration(effort)
        let lower = max(stepSeconds, young / 30)
        let upper = max(young * 30, 4 * saves.lagSeconds, 10 * stepSeconds)
        return IntervalSearch(in: lower...upper, count: effort.intervals, refinements: effort.refinements) {
            account(interval: $0, duration: duration).goodput
        }
    }

    /// Where the time goes with one interval.
    func account(interval: Double, duration: Double) -> TimeAccount {
        simulate(interval, duration, recorder: nil).account
    }

    /// What happens within a window of the time.
    func segments(interval: Double, window: Range<Double>) -> [DaySegment] {
        simulate(interval, window.upperBound, recorder: DayRecorder(window)).segments
    }

    private func simulate(_ interval: Double, _ duration: Double, recorder: DayRecorder?) -> RunSimulation {
        let rhythm = SaveRhythm(
            interval: interval, step: stepSeconds, costs: saves, hasLocalCopies: strategy.localCopies != nil)
        var simulation = RunSimulation(
            rhythm: rhythm, costs: saves, copies: strategy.localCopies, recorder: recorder)
        switch machines {
        case .atRandom(let model):
            simulation.run(RandomSpells(model, hosts: hosts, notice: noticeSeconds, seed: seed), for: duration)
        case .trace(let trace):
            // Whoever asks for machines that there never are has been refused before.
            guard let spells = TraceSpells(trace, hosts: hosts, notice: noticeSeconds, seed: seed) else { break }
            simulation.run(spells, for: duration)
        }
        return simulation
    }
}
