public import Checkpoints
public import Drills
import Files
import Stopping
public import Watching

/// What a run does beside making steps: what it carries on from, what stops it, when it saves, and which sets stay.
///
/// ```swift
/// RunPlan(saves: [.every(steps: 100), .onStop], keep: .latest(5), watchdog: .minutes(5))
/// ```
public struct RunPlan: Sendable {
    /// What the files of a stop are called: `<name>_train`.
    public var name: String

    /// What the run begins from.
    public var resume: ResumeSource

    /// Settings that may be others than those of the run that is carried on, by name: "learning-rate", "data".
    public var allowedChanges: Set<String>

    /// What can ask the run to stop.
    public var stops: StopPlan

    /// When it saves; at most one of the occasions is a schedule.
    public var saves: [SaveOccasion]

    /// Which of the sets that a schedule has saved stay.
    public var keep: Retention

    /// What the sets of a schedule are called: `<prefix>-<epoch>_<step>`.
    public var prefix: String

    /// How files are written, and with which key.
    public var files: CheckpointForm

    /// How a stop leaves the network as MindIR for MindSpore to run; nil if it does not.
    public var mindIR: MindIROptions?

    /// How long a step and a save may take together before the run ends and says where each rank is; nil for ever.
    public var watchdog: Duration?

    /// Faults that the run rehearses.
    public var drills: [Drill]

    /// When a rank counts as slow, and is named in the log, in `status.json` and in the account.
    public var stragglers: StragglerRule

    /// Makes a plan: by default the run carries on from what is there, and saves when it is asked to stop and at its end.
    public init(
        name: String = "Net", resume: ResumeSource = .newest, allowedChanges: Set<String> = [],
        stops: StopPlan = .usual, saves: [SaveOccasion] = [.onStop, .atEnd], keep: Retention = .latest(5),
        prefix: String = "CKP", files: CheckpointForm = .plain, mindIR: MindIROptions? = nil,
        watchdog: Duration? = nil, drills: [Drill] = [], stragglers: StragglerRule = .usual
    ) {
        self.name = name
        self.resume = resume
        self.allowedChanges = allowedChanges
        self.stops = stops
        self.saves = saves
        self.keep = keep
        self.prefix = prefix
        self.files = files
        self.mindIR = mindIR
        self.watchdog = watchdog
        self.drills = drills
        self.stragglers = stragglers
    }
}

extension RunPlan {
    /// When steps or time decide that a set is saved.
    ///
    /// - Throws: ``RunPlanError`` if there are several schedules, or one cannot be kept.
    func schedule() throws(RunPlanError) -> SaveSchedule {
        var schedules: [SaveSchedule] = []
        for occasion in saves {
            switch occasion.kind {
            case .steps(let steps):
                guard steps >= 1 else { throw .badSteps(steps) }
                schedules.append(.steps(steps))
            case .seconds(let seconds):
                guard seconds > 0, seconds.isFinite else { throw .badSeconds(seconds) }
                schedules.append(.seconds(seconds))
            case .share(let share):
                guard share > 0, share < 1 else { throw .badShare(share) }
                schedules.append(.fraction(share))
            case .optimal(let mtbf):
                guard mtbf > 0, mtbf.isFinite else { throw .badMTBF(mtbf) }
                schedules.append(.optimal(mtbf: mtbf))
            case .stop, .error, .end: continue
            }
        }
        guard schedules.count <= 1 else { throw .severalSchedules(schedules.count) }
        return schedules.first ?? .never
    }

    /// Throws unless the run can do what is planned.
    func check() throws(RunPlanError) {
        guard FileNameStart.isValid(name) else { throw .badName(FileNameStart.described(name)) }
        if let watchdog, watchdog <= .zero { throw .badWatchdog(watchdog) }
        guard stragglers.factor > 1, stragglers.duration > .zero else { throw .badStragglers(stragglers) }
        _ = try schedule()
    }
}

/// A plan that no run can follow.
public enum RunPlanError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A directory without a name.
    case noDirectory
    /// A name that files cannot begin with; in words.
    case badName(String)
    /// Fewer than one step between two saves.
    case badSteps(Int)
    /// No time between two saves.
    case badSeconds(Double)
    /// Nothing, or everything, spent on saving.
    case badShare(Double)
    /// No time between two failures.
    case badMTBF(Double)
    /// More than one schedule.
    case severalSchedules(Int)
    /// A watchdog without patience.
    case badWatchdog(Duration)
    /// A rule by which all ranks would be slow.
    case badStragglers(StragglerRule)

    /// One sentence that names the thing, the value and what is allowed.
    public var description: String {
        switch self {
        case .noDirectory: "the directory of the run is empty; it must be a path"
        case .badName(let description): "the plan's name is \(description)"
        case .badSteps(let steps): "a save after every \(steps) steps is planned; it must be at least 1"
        case .badSeconds(let seconds): "a save after every \(seconds) seconds is planned; it must be more than 0"
        case .badShare(let share): "saves are to take the share \(share) of the time; it must be above 0 and below 1"
        case .badMTBF(let mtbf):
            "saves are planned for a mean time between failures of \(mtbf) seconds; it must be more than 0"
        case .severalSchedules(let count):
            "\(count) schedules are planned; give one of every(steps:), every(seconds:), taking(share:) and optimal(mtbf:)"
        case .badWatchdog(let timeout): "the watchdog's timeout is \(timeout); it must be more than 0"
        case .badStragglers(let rule):
            "a rank is to be slow at \(rule.factor) times the median for \(rule.duration); it must be more than 1 and more than 0"
        }
    }
}

extension Duration {
    /// So many minutes.
    public static func minutes(_ minutes: Int) -> Duration { .seconds(60 * minutes) }
}
