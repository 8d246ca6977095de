import Glibc
import Stopping

/// A fault or a request that a run does to itself, at one moment, on one rank: what a cluster does one day, rehearsed.
///
/// As text: what, who, when, and how long, as in `sigterm@rank3:step17` or `slow@rank2:200ms`.
public struct Drill: Sendable, Hashable {
    /// What happens.
    public enum Action: Sendable, Hashable {
        /// The process gets a signal.
        case signal(Int32)
        /// A file operation fails because the disk is full.
        case diskFull
        /// A file operation fails.
        case inputOutputError
        /// The rank takes a while.
        case slow
        /// The rank stands still.
        case stall
        /// A callback throws.
        case error
        /// A callback calls `requestStop()`.
        case stop
        /// The configuration file asks for a stop.
        case file
        /// A halt request in the run's directory asks for a stop, as by `launch/stop`.
        case halt
    }

    /// Who it happens to.
    public enum Target: Sendable, Hashable {
        /// A rank of the world.
        case rank(Int)
        /// The process that started the ranks, `launch/run` or `mpirun`; rank 0 signals it.
        case launcher
    }

    /// When it happens. Epochs, evaluations and saves count from 1, from where the process began.
    public enum Moment: Sendable, Hashable {
        /// Before data are loaded.
        case startup
        /// When a rank opens its file of the set from which it carries on.
        case load
        /// Before a step of the run, from 1.
        case step(Int)
        /// Before the last step of the run.
        case lastStep
        /// Before each step.
        case everyStep
        /// In the first step of an evaluation.
        case evaluation(Int)
        /// After an epoch, before the next.
        case epoch(Int)
        /// At a file operation of a save.
        case save(Int, operation: Int = usualOperation)
        /// When the ranks have agreed to stop, before they save.
        case stopping
    }

    /// What happens.
    public let action: Action

    /// Who it happens to.
    public let target: Target

    /// When.
    public let moment: Moment

    /// How long `slow` and `stall` last; nil for ever.
    public let duration: Duration?

    /// Describes a drill.
    public init(_ action: Action, at target: Target, _ moment: Moment, for duration: Duration? = nil) {
        self.action = action
        self.target = target
        self.moment = moment
        self.duration = duration
    }

    /// The rank that does it.
    public var rank: Int {
        switch target {
        case .rank(let rank): rank
        case .launcher: 0
        }
    }
}

extension Drill: CustomStringConvertible {
    /// The text that ``parse(_:)`` reads.
    public var description: String {
        let time = duration.map { "\(Int($0 / .milliseconds(1)))ms" }
        let parts = [moment == .everyStep ? nil : moment.description, time]
        return "\(action)@\(target):" + parts.compactMap { $0 }.joined(separator: ":")
    }
}

extension Drill.Action: CustomStringConvertible {
    /// As in the text of a drill.
    public var description: String {
        switch self {
        case .signal(SIGKILL): "kill"
        case .signal(let number): SignalName.text(of: number).lowercased()
        case .diskFull: "enospc"
        case .inputOutputError: "eio"
        case .slow: "slow"
        case .stall: "stall"
        case .error: "throw"
        case .stop: "stop"
        case .file: "file"
        case .halt: "halt"
        }
    }
}

extension Drill.Target: CustomStringConvertible {
    /// As in the text of a drill.
    public var description: String {
        switch self {
        case .rank(let rank): "rank\(rank)"
        case .launcher: "launcher"
        }
    }
}

extension Drill.Moment: CustomStringConvertible {
    /// As in the text of a drill.
    public var description: String {
        switch self {
        case .startup: "startup"
        case .load: "load"
        case .step(let step): "step\(step)"
        case .lastStep: "laststep"
        case .everyStep: "everystep"
        case .evaluation(let number): Self.counted("eval", number)
        case .epoch(let number): "epoch\(number)"
        case .save(let number, let operation):
            Self.counted("save", number) + (operation == Self.usualOperation ? "" : ":op\(operation)")
        case .stopping: "stopping"
        }
    }

    private static func counted(_ name: String, _ number: Int) -> String { number == 1 ? name : "\(name)\(number)" }

    /// The second operation of a save: behind the making of a directory, the first that changes something on each rank.
    public static let usualOperation = 2

    /// Whether it comes in a file operation, which can fail.
    var isFileOperation: Bool {
        switch self {
        case .load, .save: true
        default: false
        }
    }
}
