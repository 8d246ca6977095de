import Checkpoints
import Ciphers
import DiskSimulation
import Drills
import Files
import Foundation
import RandomTestKit
import Stopping
import SurroundingsTestKit
import SystemPackage

/// A scenario that is carried out: its hosts, its disk, and its launches one after the other.
///
/// What runs is what ships: `Run`, the loop, the agreement, the publish protocol. What is simulated is the ranks' processes, what
/// passes between them, their clocks and their disk.
public final class Trial: @unchecked Sendable {
    // Unchecked: used by the thread whose turn it is alone.
    static let directory = "/run"
    static let configFile: FilePath = "/exit.json"

    /// What is carried out.
    public let scenario: SimulatedRun

    /// What happened.
    public internal(set) var timeline: Timeline

    /// What did not hold, if something did not; the first counts.
    public private(set) var violation: Violation?

    /// How often what befell the run, by phase.
    package internal(set) var coverage = Coverage()

    /// The launches as ones of real ranks that drills befall; nil if drills cannot say what befell these.
    package internal(set) var drilledLaunches: [DrilledLaunch]? = []

    let trace: GhostTrace
    let key: EncryptionKey?
    let scheduler: Scheduler
    let disk: SimulatedDisk
    let secrets: WrittenBytesSearch
    var chance: Chance
    /// How far the clock of each host is off, in seconds.
    var clocks: [Double]
    var requests: [HaltRecord] = []
    /// Those that go on, in the order of their beginning.
    private(set) var launches: [TrialLaunch] = []
    private var launchCount = 0
    /// The launches in which something went wrong that excuses something.
    var disturbedCount = 0
    let operatorSurroundings: VirtualSurroundings
    /// The sets that the run has said to be published, in order.
    var published: [PublishedRecord] = []
    /// Those of them that the newest one follows, and that retention is to keep for that.
    var branch: [PublishedRecord] = []
    var hasLostPower = false
    /// The last of them, once nothing can take it but a change of its names.
    var settled: SettledSet?
    private(set) var isComplete = false
    private var nextProcess = 1

    /// Prepares a trial.
    public init(_ scenario: SimulatedRun, trace: GhostTraces = GhostTraces(), isWritten: Bool = false) throws {
        self.scenario = scenario
        timeline = Timeline(isWritten: isWritten)
        let ghost = try trace.trace(of: scenario)
        self.trace = ghost
        secrets = WrittenBytesSearch(for: ghost.weights.map { Array($0.prefix(4 * Ghost.width)) })
        chance = Chance(seed: scenario.seed)
        scheduler = Scheduler(seed: chance.seed())
        key = scenario.hasKey ? try EncryptionKey([UInt8](repeating: 7, count: 32).span) : nil
        clocks = scenario.clocks
        operatorSurroundings = VirtualSurroundings(
            scheduler, process: 0, date: Date(timeIntervalSince1970: 1e9), seed: chance.seed(), host: "desk",
            processIdentifier: 1, whenEnded: { _ in })
        let scheduler = scheduler
        disk = SimulatedDisk(
            seed: chance.seed(), faults: scenario.diskFaults, visibilityDelay: .milliseconds(chance.number(below: 400)),
            now: { scheduler.time },
            delay: { if !scheduler.isChoosing { _ = scheduler.wait(until: scheduler.time + $0) } })
        // An operation like any other: a fault may strike it.
        try? operatorFiles.createDirectory("/")
        if scenario.hasLeftovers { plantLeftovers() }
        watchDisk()
    }

    /// Whoever asks for stops sits at another machine.
    static let operatorHost = 1000
    static let operatorProcess = 1_000_000

    /// Carries it out.
    public func run() {
        scheduler.whenTurning = { [unowned self] in launches.forEach { $0.turn() } }
        let limit = scenario.disturbedLaunches + scenario.mishaps.count { $0.isRequest } + 3
        while launchCount <= limit, violation == nil, !isComplete {
            if launches.isEmpty { startLaunch() }
            let launch = launches[0]
            launch.waitForEnd()
            launches.removeFirst()
            check(launch)
            isComplete = launch.isComplete
        }
        endOthers()
        guard violation == nil else { return }
        // A run whose only set has rotted does not begin anew until it is told to.
        if isComplete {
            checkEnd()
        } else if !hasRot {
            violates(.runsEnd, "after \(limit) launches it has not come to its end")
        }
    }

    /// Starts the next launch, also beside another one that goes on.
    func startLaunch() {
        // Who starts a run again looks after its disk first.
        if launches.isEmpty { disk.mend() }
        let launch = TrialLaunch(launchCount, of: self, firstProcess: nextProcess)
        nextProcess += launch.ranks
        launchCount += 1
        drilledLaunches?.append(DrilledLaunch(ranks: launch.ranks))
        launches.append(launch)
        if launches.count > 1 { launches.forEach { $0.excuses.insert(.company) } }
        launch.start()
    }

    /// The run may have come to its end while another launch waits for it.
    private func endOthers() {
        for launch in launches {
            if violation != nil { launch.killAll() }
            launch.waitForEnd()
        }
        launches = []
        scheduler.whenTurning = nil
    }

    /// Starts the finished run again, some time later: it makes no step, and tidies up.
    func runOnceMore() {
        _ = scheduler.wait(until: scheduler.time + .seconds(1))
        startLaunch()
        let launch = launches[0]
        scheduler.whenTurning = { launch.giveUpIfLate() }
        endOthers()
        if !launch.excuses.isEmpty { disturbedCount += 1 }
    }

    /// Notes that something did not hold.
    func violates(_ rule: Violation.Rule, _ found: String) {
        guard violation == nil else { return }
        violation = Violation(rule: rule, found: found)
        note("VIOLATION: \(found)")
    }

    func noteDrills(_ drills: [Drill]?, launch: Int) {
        if let drills { drilledLaunches?[launch].drills += drills } else { drilledLaunches = nil }
    }

    func note(_ text: @autoclosure () -> String, rank: Int? = nil) {
        timeline.note(text(), rank: rank, at: scheduler.time, turn: scheduler.turnCount)
    }

    /// The files as whoever asks for stops sees them.
    var operatorFiles: any FileSystem { disk.files(host: Self.operatorHost, process: Self.operatorProcess) }
}

/// A halt request that somebody has left.
struct HaltRecord {
    let id: String
    /// Whether it is due at once.
    let isNow: Bool
    var isWithdrawn = false
    /// Whether a run that was asked for it, and for another reason too, has stopped.
    var isSettled = false
    /// The launches that it has stopped.
    var answers: [Int] = []
}

/// A set that the run has said to be published.
struct PublishedRecord {
    let id: String
    let name: String
    let step: Int
    /// How long it took, and until when; nothing of one that a kill has kept from saying so.
    var duration = Duration.zero
    var end = Duration.zero
}

/// The traces of undisturbed runs that scenarios share.
public final class GhostTraces: @unchecked Sendable {
    // Unchecked: used by one trial at a time.
    private var known: [[Int]: GhostTrace] = [:]

    /// Knows none yet.
    public init() {}

    func trace(of scenario: SimulatedRun) throws -> GhostTrace {
        let key = [scenario.epochs, scenario.stepsPerEpoch, scenario.batchSize]
        if let trace = known[key] { return trace }
        let trace = try GhostTrace(scenario)
        known[key] = trace
        return trace
    }
}
