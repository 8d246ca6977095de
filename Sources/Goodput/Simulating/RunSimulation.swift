/// A run over days or years: it works and saves, loses its machines, and carries on from what is left.
///
/// Costs are those of ``SaveRhythm``: of a spell with machines only what holds at its end is worked out, so a run of 100,000 ranks
/// costs as little as one of eight.
struct RunSimulation {
    private let rhythm: SaveRhythm
    private let costs: SaveCosts
    private let copies: SaveStrategy.LocalCopies?
    private var recorder: DayRecorder?

    private(set) var account = TimeAccount()
    private var time = 0.0
    /// The work that the present launch began with.
    private var position = 0.0
    /// The work in the newest set on shared storage.
    private var onShared = 0.0

    init(
        rhythm: SaveRhythm, costs: SaveCosts, copies: SaveStrategy.LocalCopies? = nil, recorder: DayRecorder? = nil
    ) {
        self.rhythm = rhythm
        self.costs = costs
        self.copies = copies
        self.recorder = recorder
    }

    /// What was recorded.
    var segments: [DaySegment] { recorder?.segments ?? [] }

    /// Goes on until so much time has passed. At its end the run goes on: what it has not saved yet counts as work that stays.
    mutating func run(_ spells: some SpellSource, for duration: Double) {
        var spells = spells
        while time < duration {
            let spell = spells.next()
            spend(min(spell.wait, duration - time), \.waiting, .waiting)
            let left = duration - time
            guard spell.length <= left else {
                if left > 0 { goOn(for: left) }
                break
            }
            live(through: spell)
        }
    }

    /// The end of the simulated time, amid a spell.
    private mutating func goOn(for length: Double) {
        let restart = min(costs.restartSeconds, length)
        spend(restart, \.restarting, .restarting)
        work(through: length - restart)
    }

    private mutating func live(through spell: Spell) {
        account.interruptions += 1
        let restart = min(costs.restartSeconds, spell.length)
        spend(restart, \.restarting, .restarting)
        let running = spell.length - restart
        if let notice = spell.notice, running > 0, stop(in: running, notice) { return }
        let heard = spell.notice.map { max(0, running - $0) } ?? running
        let done = work(through: heard)
        // A stop that is not over in time: from the notice on, nothing is done that stays.
        let rest = min(spell.notice == nil ? 0 : done.restOfStep, running - heard)
        step(rest, to: position + done.work + rest)
        spend(running - heard - rest, \.saving, .saving)
        let reached = position + done.work + rest
        if done.keptOnShared > 0 { onShared = position + done.keptOnShared }
        let local = spell.leavesLocalCopies(copies) ? position + done.keptLocally : onShared
        carryOn(from: max(onShared, local), reached: reached)
    }

    /// Stops as the notice asks for; returns whether there was time for it.
    private mutating func stop(in running: Double, _ notice: Double) -> Bool {
        let heard = max(0, running - notice)
        let done = rhythm.progress(at: heard)
        // A set that is being written is published before the one of the stop.
        let save = max(0, done.restOfWriting - done.restOfStep) + costs.exitSaveSeconds
        let over = heard + done.restOfStep + save
        guard over <= running else { return false }
        work(through: heard)
        step(done.restOfStep, to: position + done.work + done.restOfStep)
        spend(save, \.saving, .saving)
        spend(running - over, \.waiting, .waiting)
        position += done.work + done.restOfStep
        onShared = position
        account.savedStops += 1
        return true
    }

    @discardableResult private mutating func work(through length: Double) -> SaveRhythm.Progress {
        let done = rhythm.progress(at: length)
        recorder?.note(rhythm, for: length, from: time, position: position)
        account.useful += done.work
        account.saving += length - done.work
        time += length
        return done
    }

    private mutating func step(_ seconds: Double, to reached: Double) {
        recorder?.add(.working, time..<time + seconds, position: reached)
        account.useful += seconds
        time += seconds
    }

    private mutating func spend(_ seconds: Double, _ part: WritableKeyPath<TimeAccount, Double>, _ phase: DayPhase) {
        guard seconds > 0 else { return }
        recorder?.add(phase, time..<time + seconds, position: 0)
        account[keyPath: part] += seconds
        time += seconds
    }

    private mutating func carryOn(from kept: Double, reached: Double) {
        account.useful -= reached - kept
        account.lost += reached - kept
        recorder?.lose(after: kept)
        position = kept
    }
}
