import Checkpoints
import Ciphers
import Graphs
public import Networks
import Tensors

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
        case .optimal(let mtbf):
            guard mtbf > 0, mtbf.isFinite else {
                throw .notPositive(name: "the mean time between failures", value: mtbf)
            }
        }
        if format == .safetensors {
            for case (let name, .text) in appendDict { throw .cannotAppend(name: name, format: format) }
        }
        if let savedNetwork { try checkAppended(against: savedNetwork.parameters) }
    }

    /// The form of the files, in MindSpore's words; with its own rule of what `.safetensors` files can be, but for
    /// `exceptionSave`: its breakpoint files are always `.ckpt`, these are not.
    static func form(
        _ format: CheckpointFileFormat, encKey: EncryptionKey?, encMode: EncryptionMode, crcCheck: Bool,
        incremental: Bool
    ) throws(CheckpointConfigError) -> CheckpointForm {
        let unfit = [("encryption", encKey != nil || encMode != .aesGCM), ("map parameters", incremental)]
        for (option, isWanted) in unfit where isWanted && format == .safetensors {
            throw .notInFormat(format, option: option)
        }
        let encryption: Encryption?
        do {
            encryption = try encKey.map { key throws(EncryptionError) in try Encryption(key: key, mode: encMode) }
        } catch {
            throw .encryption(error)
        }
        do {
            return try CheckpointForm(format, crc: crcCheck, encryption: encryption)
        } catch {
            switch error {
            case .encryptionWithCRC: throw .encryptionWithCRC
            case .notInFormat(let format, let option): throw .notInFormat(format, option: option)
            }
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
