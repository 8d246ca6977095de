public import Checkpoints
import Ciphers
import Graphs
public import Networks
import Tensors

/// The kinds of checkpoint files that can be configured.
public enum CheckpointFileFormat: String, CaseIterable, Sendable {
    /// MindSpore's own.
    case ckpt

    /// Hugging Face's.
    case safetensors

    /// How such files are read and written.
    public var format: any CheckpointFormat {
        switch self {
        case .ckpt: CkptFormat()
        case .safetensors: SafetensorsFormat()
        }
    }
}

/// What decides on saving and keeping, in MindSpore's words (`get_checkpoint_policy()`).
public struct CheckpointPolicy {
    /// Steps between two saves.
    public let saveCheckpointSteps: Int?

    /// Seconds between two saves.
    public let saveCheckpointSeconds: Int?

    /// How many checkpoints stay.
    public let keepCheckpointMax: Int?

    /// In how many minutes one checkpoint stays.
    public let keepCheckpointPerNMinutes: Int?

    /// The network to save.
    public let savedNetwork: (any Cell)?
}

extension CheckpointConfig {
    /// What decides on saving and keeping (MindSpore's `get_checkpoint_policy()`).
    public func getCheckpointPolicy() -> CheckpointPolicy {
        CheckpointPolicy(
            saveCheckpointSteps: saveCheckpointSteps, saveCheckpointSeconds: saveCheckpointSeconds,
            keepCheckpointMax: keepCheckpointMax, keepCheckpointPerNMinutes: keepCheckpointPerNMinutes,
            savedNetwork: savedNetwork)
    }

    func check() throws(CheckpointConfigError) {
        switch schedule {
        case .never: break
        case .steps(let steps):
            guard steps > 0 else { throw .notPositive(name: "the number of steps between saves", value: Double(steps)) }
        case .seconds(let seconds):
            guard seconds > 0, seconds.isFinite else {
                throw .notPositive(name: "the time between saves", value: seconds)
            }
        case .fraction(let share):
            guard share > 0, share <= 1 else { throw .badFraction(share) }
        }
        if let encKey {
            do {
                _ = try Encryption(key: encKey, mode: encMode)
            } catch {
                throw .encryption(error)
            }
            guard !crcCheck else { throw .encryptionWithCRC }
        }
        try checkFormat()
        if let savedNetwork { try checkAppended(against: savedNetwork.parameters) }
    }

    private func checkFormat() throws(CheckpointConfigError) {
        guard format == .safetensors else { return }
        // MindSpore's own rule, but for exceptionSave: its breakpoint files are always .ckpt, these are not.
        let unfit = [
            ("encryption", encKey != nil || encMode != .aesGCM), ("a CRC", crcCheck), ("map parameters", mapParamInc),
        ]
        for (option, isWanted) in unfit where isWanted { throw .notInFormat(format, option: option) }
        for (name, value) in appendDict {
            if case .text = value { throw .cannotAppend(name: name, format: format) }
        }
    }

    /// Throws if an appended value has the name of a parameter.
    func checkAppended(against parameters: [Parameter]) throws(CheckpointConfigError) {
        let names = Set(parameters.map { ByteName($0.name) })
        for (name, _) in appendDict where names.contains(name) { throw .appendedNameIsParameter(name) }
    }
}

/// MindSpore's four numbers, and what they mean.
struct SaveCounts {
    private(set) var steps: Int?
    private(set) var seconds: Int?
    private(set) var max: Int?
    private(set) var minutes: Int?

    /// Checks the numbers and lets steps win over seconds, and a number of checkpoints over minutes.
    init(steps: Int?, seconds: Int?, max: Int?, minutes: Int?) throws(CheckpointConfigError) {
        let named = [
            ("saveCheckpointSteps", steps), ("saveCheckpointSeconds", seconds), ("keepCheckpointMax", max),
            ("keepCheckpointPerNMinutes", minutes),
        ]
        for (name, value) in named {
            if let value, value < 0 { throw .negative(name: name, value: value) }
        }
        guard named.contains(where: { ($0.1 ?? 0) > 0 }) else { throw .nothingToDo }
        self.steps = steps
        self.seconds = (steps ?? 0) > 0 ? nil : seconds
        self.max = max
        self.minutes = minutes
        if (max ?? 0) > 0 {
            self.minutes = nil
        } else if (minutes ?? 0) == 0 {
            self.max = 1
        }
    }

    /// What a schedule and a retention say, as far as these numbers can say it.
    init(_ schedule: SaveSchedule, _ retention: Retention) {
        if case .steps(let steps) = schedule { self.steps = steps }
        if case .seconds(let seconds) = schedule { self.seconds = Int(exactly: seconds) }
        guard retention.rules.count == 1 else { return }
        if case .latest(let count) = retention.rules[0] { max = count }
        if case .onePerMinutes(let minutes) = retention.rules[0] { self.minutes = minutes }
    }

    var schedule: SaveSchedule {
        if let steps, steps > 0 { return .steps(steps) }
        if let seconds, seconds > 0 { return .seconds(Double(seconds)) }
        return .never
    }

    var retention: Retention {
        if let max, max > 0 { return [.latest(max)] }
        return minutes.map { [.onePerMinutes($0)] } ?? .everything
    }
}
