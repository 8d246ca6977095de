import DiskSimulation
import Files
import Foundation
import RandomTestKit
import Runs
import Stopping
import SurroundingsTestKit
import SystemPackage
import Training

/// One launch of a trial: its ranks, their launcher, and what befalls them.
final class TrialLaunch: @unchecked Sendable {
    // Unchecked: used by the thread whose turn it is alone.
    let trial: Trial
    let number: Int
    let ranks: Int
    let processes: RankProcesses
    var reports: [RankReport]
    let boxes: [RequestBox]
    var surroundings: [VirtualSurroundings] = []

    /// What has happened that excuses what must not happen otherwise.
    var excuses: Set<Excuse> = []

    /// The rank of which a callback is about to throw, and to ask for a stop, and the one that is about to stall.
    var failing: Int?
    var calling: Int?
    var stalling: Int?

    /// When messages are slow until, and by how much; when a host can be reached again, and those from one on by the others.
    var slowness: (end: Duration, most: Double)?
    var cuts: [Int: Duration] = [:]
    var split: (host: Int, end: Duration)?

    var hasLauncher = true
    var isEnding = false
    /// Where the first rank is, for the table of coverage.
    var phase = Phase.start

    /// After which step the first signal came that asks for a stop.
    var signalled: Int?
    /// After which step a callback asked for one.
    var called: Int?
    /// The sets that it says it has published.
    var published: [PublishedRecord] = []
    /// Whether one of them is that of a stop or the end.
    var hasSavedExit: Bool { published.contains { !Ghost.isScheduled($0.name) } }
    /// When it is to have ended, by the clock of the simulation.
    var deadlineEnd: Duration?
    /// The set that was published last before it began to train.
    var publishedBefore: PublishedRecord?
    /// The ids of the sets of stops and ends that were there by then.
    var exitsBefore: Set<String> = []
    /// The older set that it is told to carry on from.
    let older: PublishedRecord?

    /// When somebody loses patience and ends it.
    private let patienceEnd: Duration
    private var pending: [Mishap]
    private let firstTurn: Int
    private let strikesBefore: Int
    var stepTimes: [Double]

    /// What has happened in a launch.
    enum Excuse {
        /// Ranks were killed.
        case deaths
        /// Ranks were killed, and nobody is there to end the others.
        case orphans
        /// The disk went wrong.
        case disk
        /// A callback threw.
        case failures
        /// Another launch was there at the same time.
        case company
        /// Something took so long that a watchdog may have had enough.
        case delays
    }

    init(_ number: Int, of trial: Trial, firstProcess: Int) {
        self.trial = trial
        self.number = number
        ranks = trial.scenario.ranks(ofLaunch: number)
        processes = RankProcesses(trial.scheduler, ranks: ranks, firstProcess: firstProcess)
        reports = Array(repeating: RankReport(), count: ranks)
        boxes = (0..<ranks).map { _ in RequestBox() }
        pending = trial.scenario.mishaps.filter { $0.launch == number }.sorted { $0.moment > $1.moment }
        firstTurn = trial.scheduler.turnCount
        patienceEnd = trial.scheduler.time + .seconds(600)
        strikesBefore = trial.diskStrikeCount
        // One that begins beside another cannot know what will be there, and a run at its end has nothing to go back for.
        let goesBack = trial.scenario.launchesBack.contains(number) && trial.launches.isEmpty && !trial.isComplete
        older = goesBack ? trial.olderSet : nil
        stepTimes = (0..<ranks).map { _ in trial.chance.number(in: 0.02...0.08) }
    }

    /// How many ranks share a layer.
    var tensorParts: Int { [4, 2].first { $0 <= trial.scenario.tensorParts && ranks % $0 == 0 } ?? 1 }

    /// When this launch is to have ended, in seconds from its beginning.
    var deadline: Double? { number < trial.scenario.deadlines.count ? trial.scenario.deadlines[number] : nil }

    /// How long a rank stalls: longer than a watchdog waits, and not for ever where there is none.
    static let stallTime = Duration.seconds(400)

    func stepTime(of rank: Int) -> Duration { .seconds(stepTimes[rank]) }

    func host(of rank: Int) -> Int { trial.scenario.host(of: rank) }

    func note(_ text: @autoclosure () -> String, rank: Int? = nil) { trial.note(text(), rank: rank) }

    /// Starts the ranks.
    func start() {
        note("launch \(number + 1) of \(ranks) ranks\(older.map { ", from \($0.name)" } ?? "")")
        surroundings = (0..<ranks).map(makeSurroundings)
        processes.setDelay { [unowned self] in delay(from: $0, to: $1) }
        processes.mayEndOthers = { [unowned self] in mayEndOthers }
        processes.whenEnded = { [unowned self] in ended($0, $1) }
        let hasThreads = processes.start(stackByteCount: 1 << 19) { [self] rank, world in
            TrialRank(rank: rank, launch: self, surroundings: surroundings[rank], files: files(of: rank)).run(in: world)
        }
        if !hasThreads { trial.violates(.runsEnd, "the system has no threads for \(ranks) ranks") }
    }

    /// Lets happen what is due.
    func turn() {
        while let next = pending.last, trial.scheduler.turnCount >= turn(of: next) {
            pending.removeLast()
            strike(next)
        }
        giveUpIfLate()
    }

    /// A disk that does not answer keeps a run for ever, and nothing else does.
    func giveUpIfLate() {
        guard trial.scheduler.time > patienceEnd, !isEnding else { return }
        note("is given up")
        isEnding = true
        noteStrikes()
        if !excuses.contains(.disk) { trial.violates(.runsEnd, "launch \(number + 1) goes on after ten minutes") }
        killAll()
    }

    private func noteStrikes() {
        if trial.diskStrikeCount > strikesBefore { excuses.insert(.disk) }
    }

    /// Waits until all ranks have ended.
    func waitForEnd() {
        processes.waitForEnd()
        noteStrikes()
        if processes.stuck.isEmpty || excuses.contains(.orphans) { return }
        trial.violates(.nobodyWaitsForEver, processes.stuck.prefix(4).map { "\($0)" }.joined(separator: "; "))
    }

    /// When something strikes: its moment is a share of about what an undisturbed launch takes.
    private func turn(of mishap: Mishap) -> Int { firstTurn + Int(mishap.moment * Double(turns)) }

    /// About how many turns an undisturbed launch takes.
    var turns: Int {
        let scenario = trial.scenario
        let saves = 1 + (scenario.saveEvery.map { scenario.steps / $0 } ?? 0)
        return ranks * (60 + 10 * scenario.steps) + saves * (100 + 20 * ranks)
    }

    private func makeSurroundings(_ rank: Int) -> VirtualSurroundings {
        let host = host(of: rank)
        let offset = host < trial.clocks.count ? trial.clocks[host] : 0
        return VirtualSurroundings(
            of: rank, in: processes, date: Date(timeIntervalSince1970: 1e9 + offset),
            drift: trial.scenario.drift(of: host), seed: trial.chance.seed(), host: "node\(host)")
    }

    private func files(of rank: Int) -> any FileSystem {
        let base = trial.disk.files(host: host(of: rank), process: processes.process(of: rank))
        // The storage of more ranks than eight serves as many more at once.
        let time = trial.scenario.operationTime * 8 / max(ranks, 8)
        return SteppingFiles(base, trial.scheduler, time: time) { [unowned self] operation, path in
            if rank == 0 { phase = Phase(operation, path, after: phase, hasBegun: reports[0].hasBegun) }
            return !hasMany || trial.chance.number(below: ranks) < Self.fewRanks
        }
    }

    /// Whether there are so many ranks that all of them together let others go on in files as often as fewer would: handing over
    /// from thread to thread is most of what they cost.
    private var hasMany: Bool { ranks > Self.fewRanks }
    private static let fewRanks = 64

    /// Usually some microseconds.
    private func delay(from sender: Int, to receiver: Int) -> Duration {
        let now = trial.scheduler.time
        var delay = Double(10 + trial.chance.number(below: 100)) * 1e-6
        if let slowness, now < slowness.end { delay += trial.chance.number(in: 0...slowness.most) }
        let (one, other) = (host(of: sender), host(of: receiver))
        guard one != other else { return .seconds(delay) }
        var end = max(cuts[one] ?? .zero, cuts[other] ?? .zero)
        if let split, (one < split.host) != (other < split.host) { end = max(end, split.end) }
        return max(end - now, .zero) + .seconds(delay)
    }

    private func ended(_ rank: Int, _ end: RankEnd) {
        trial.disk.dies(process: processes.process(of: rank))
        switch end {
        case .exited(0): note("ends with 0", rank: rank)
        case .exited(let code):
            note("ends with \(code)", rank: rank)
            endOthers(after: .milliseconds(50 + trial.chance.number(below: 500)))
        case .killed:
            note("is killed", rank: rank)
            excuses.insert(.deaths)
            endOthers(after: .milliseconds(50 + trial.chance.number(below: 2000)))
        }
    }

    /// A launcher ends all ranks once one has failed: by a signal, and about two seconds later by a kill.
    func endOthers(after delay: Duration, grace: Duration = .seconds(2)) {
        guard hasLauncher, !isEnding else {
            if !hasLauncher, excuses.contains(.deaths) { excuses.insert(.orphans) }
            return
        }
        isEnding = true
        let begin = trial.scheduler.time + delay
        trial.scheduler.schedule(at: begin) { [self] in askAll(.signal, "SIGTERM") }
        trial.scheduler.schedule(at: begin + grace) { [self] in killAll() }
    }

    /// Whether one has failed or was killed, and the others, which may wait for it, will be ended too. While none has, ranks that all
    /// wait hang, also between a launcher's notice or signal and its kill.
    var mayEndOthers: Bool { isEnding && processes.ends.contains { $0 != nil && $0 != .exited(0) } }

    func askAll(_ reason: StopReason, _ explanation: String) {
        for rank in 0..<ranks { boxes[rank].ask(reason, explanation, in: surroundings[rank]) }
    }

    func killAll() {
        for rank in 0..<ranks where processes.ends[rank] == nil {
            excuses.insert(.deaths)
            processes.kill(rank)
        }
    }

    /// Whether all ranks say that the run is at its end.
    var isComplete: Bool { reports.allSatisfy { $0.outcome?.isComplete == true } }

    /// Whether all ranks have ended by themselves.
    var isWhole: Bool { processes.ends.allSatisfy { $0 != .killed } }
}
