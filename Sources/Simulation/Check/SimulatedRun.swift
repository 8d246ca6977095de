import Checkpoints
package import DiskSimulation
public import Files
public import SystemPackage

/// A run over as many launches as it takes, and all that befalls it: a value, so that a smaller one can be tried.
public struct SimulatedRun: Sendable {
    /// What everything is drawn from that is not said here.
    public var seed: UInt64

    /// The ranks of each launch; those of the last one are those of all that follow.
    public var ranks: [Int]

    /// Ranks on a host.
    public var ranksPerHost = 2

    /// What the run is to come to.
    public var epochs = 2

    /// Steps of an epoch.
    public var stepsPerEpoch = 4

    /// After how many steps a set is saved; nil for stops and the end alone.
    public var saveEvery: Int? = 2

    /// How many of these sets stay.
    public var keep = 2

    /// Whether instead those stay whose step is a multiple of this.
    public var keepEvery: Int?

    /// How long an operation of the disk takes.
    public var operationTime = Self.usualOperationTime

    private static let usualOperationTime = Duration.microseconds(20)

    /// How they are saved; at stops and the end a set is whole.
    public var saving = Saving.whole

    /// How many ranks share a layer: 1, 2 or 4, or as many of these as divide the ranks of a launch.
    public var tensorParts = 1

    /// Whether files are encrypted.
    public var hasKey = false

    /// Whether a watchdog ends a run that stands still.
    public var hasWatchdog = false

    /// How far the clocks of hosts are off, in seconds.
    public var clocks: [Double] = []

    /// By which share of the time the dates of hosts go faster than they should, or slower.
    public var drifts: [Double] = []

    /// Whether an earlier run that was killed has left files in the directory that were not ready.
    public var hasLeftovers = false

    /// When the launches are to have ended, in seconds from their beginning; nil for no deadline.
    public var deadlines: [Double?] = []

    /// The launches that are told to carry on from an older set than the newest, if there is one.
    public var launchesBack: Set<Int> = []

    /// What befalls it.
    public var mishaps: [Mishap] = []

    /// What goes wrong with the disk.
    package var diskFaults: [DiskFault] = []

    /// What must hold besides, of what lies in the run's directory after each launch; by name, and what is wrong with it.
    public var invariants: [String: @Sendable (_ files: any FileSystem, _ directory: FilePath) -> String?] = [:]

    /// Describes a run that nothing befalls.
    public init(seed: UInt64, ranks: [Int]) {
        self.seed = seed
        self.ranks = ranks
    }

    var retention: Retention { keepEvery.map { .every(steps: $0) } ?? .latest(keep) }

    /// All steps.
    public var steps: Int { epochs * stepsPerEpoch }

    /// Samples of a step, in every launch.
    var batchSize: Int { Ghost.batchSize(ranks: ranks.max() ?? 1) }

    /// How sets are saved on schedule.
    public enum Saving: String, Sendable, CaseIterable {
        /// One file, which rank 0 writes while the others wait.
        case whole
        /// Every rank writes what it holds.
        case slices = "in slices"
        /// The run goes on while the files are being written.
        case inBackground = "in the background"
        /// As MindFormers' CheckpointMonitor does.
        case monitor = "by a CheckpointMonitor"
    }

    func ranks(ofLaunch launch: Int) -> Int { ranks[min(launch, ranks.count - 1)] }

    func host(of rank: Int) -> Int { rank / ranksPerHost }

    func drift(of host: Int) -> Double { host < drifts.count ? drifts[host] : 0 }

    /// The launches in which something happens.
    var disturbedLaunches: Int {
        max(mishaps.map(\.launch).max() ?? -1, deadlines.count - 1, launchesBack.max() ?? -1) + 1 + diskFaults.count
    }
}

extension SimulatedRun: CustomStringConvertible {
    /// What the run is, and a line for each thing that befalls it.
    public var description: String {
        let launches = ranks.map { "\($0)" }.joined(separator: ", then ")
        let kept = keepEvery.map { "those of every \($0) steps stay" } ?? "\(keep) stay"
        let saves = saveEvery.map { "a set every \($0) steps, of which \(kept)" } ?? "sets at stops and the end"
        let style = saving == .whole ? nil : saving.rawValue
        let split = tensorParts > 1 ? "layers are split among \(tensorParts)" : nil
        let slow = operationTime > Self.usualOperationTime ? "a disk that takes \(operationTime) for anything" : nil
        let others = [
            hasKey ? "with a key" : nil, hasWatchdog ? "with a watchdog" : nil,
            hasLeftovers ? "beside what another run has left" : nil,
        ]
        let extras = ([style, split, slow] + others).compactMap { $0 }
        let head =
            (["\(launches) ranks, \(ranksPerHost) a host; \(epochs) × \(stepsPerEpoch) steps; \(saves)"] + extras)
            .joined(separator: "; ")
        let clocks =
            (clocks.contains { $0 != 0 } ? ["clocks off by \(clocks) s"] : [])
            + (drifts.isEmpty ? [] : ["dates that drift by \(drifts)"])
        let ends = deadlines.enumerated().compactMap { launch, end in
            end.map { "launch \(launch + 1) has a deadline after \($0) s" }
        }
        let faults = diskFaults.map { "disk: \($0)" }
        let backs = launchesBack.sorted().map { "launch \($0 + 1) goes back to an older set" }
        return ([head] + clocks + ends + backs + mishaps.map { "\($0)" } + faults).joined(separator: "\n  ")
    }
}
