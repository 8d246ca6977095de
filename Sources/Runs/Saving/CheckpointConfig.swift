public import Checkpoints
public import Ciphers
public import Networks

/// When checkpoints are saved, which of them stay, and what is in the files (MindSpore's `CheckpointConfig`).
///
/// ```swift
/// let config = try CheckpointConfig(
///     saveCheckpointSteps: 100, keepCheckpointMax: 3, appendInfo: ["epoch_num", "step_num", ["note": "warm"]])
/// ```
///
/// Everything that can be checked is checked when it is made, not at the first save as in MindSpore: the length of the
/// key for its mode, what the format can hold, encryption with CRC (which MindSpore writes and cannot read). Names of
/// appended values are compared with the parameters when training begins.
public struct CheckpointConfig {
    /// When to save.
    public let schedule: SaveSchedule

    /// Which checkpoints stay.
    public let retention: Retention

    /// Steps between two saves; nil or 0 if steps do not decide.
    public let saveCheckpointSteps: Int?

    /// Seconds between two saves; nil if steps decide.
    public let saveCheckpointSeconds: Int?

    /// How many checkpoints stay.
    public let keepCheckpointMax: Int?

    /// In how many minutes one checkpoint stays; nil if the number of checkpoints is limited.
    public let keepCheckpointPerNMinutes: Int?

    /// Whether rank 0 saves whole tensors in one file, instead of every rank what it holds.
    public let integratedSave: Bool

    /// Whether the run goes on while the files are being written.
    public let asyncSave: Bool

    /// The network to save; nil: the one that is trained, with its optimizer.
    public let savedNetwork: (any Cell)?

    /// The form of the files.
    public private(set) var form: CheckpointForm

    /// The key to encrypt with.
    public var encKey: EncryptionKey? { form.encryption?.key }

    /// How to encrypt, if there is a key.
    public let encMode: EncryptionMode

    /// Whether an error, or a stop from outside, leaves a checkpoint named `…_breakpoint`.
    public let exceptionSave: Bool

    /// Whether files carry a CRC-32.
    public var crcCheck: Bool { form.crc }

    /// Whether each tensor that several ranks hold is saved by one of them only.
    public let removeRedundancy: Bool

    /// The kind of files.
    public var format: CheckpointFileFormat { form.fileFormat }

    /// Whether map parameters are saved in increments (`incremental`); networks of this version have none.
    public let mapParamInc: Bool

    let appended: AppendedValues

    /// What is saved beside the parameters: the offsets of the counters and the values (MindSpore's `append_dict`).
    public var appendDict: [(name: String, value: CheckpointValue)] { appended.values }

    /// Makes a configuration with MindSpore's arguments.
    ///
    /// Steps win over seconds, a number of checkpoints over minutes; with neither of the latter one checkpoint stays.
    /// With neither steps nor seconds nothing is ever saved.
    ///
    /// - Throws: ``CheckpointConfigError``.
    public init(
        saveCheckpointSteps: Int? = 1, saveCheckpointSeconds: Int? = 0, keepCheckpointMax: Int? = 5,
        keepCheckpointPerNMinutes: Int? = 0, integratedSave: Bool = true, asyncSave: Bool = false,
        savedNetwork: (any Cell)? = nil, appendInfo: [AppendInfo] = [], encKey: EncryptionKey? = nil,
        encMode: EncryptionMode = .aesGCM, exceptionSave: Bool = false, crcCheck: Bool = false,
        removeRedundancy: Bool = false, format: CheckpointFileFormat = .ckpt, incremental: Bool = false
    ) throws(CheckpointConfigError) {
        let counts = try SaveCounts(
            steps: saveCheckpointSteps, seconds: saveCheckpointSeconds, max: keepCheckpointMax,
            minutes: keepCheckpointPerNMinutes)
        try self.init(
            counts, schedule: counts.schedule, retention: counts.retention, integratedSave: integratedSave,
            asyncSave: asyncSave, savedNetwork: savedNetwork, appendInfo: appendInfo,
            form: Self.form(
                format, encKey: encKey, encMode: encMode, crcCheck: crcCheck, incremental: incremental),
            encMode: encMode, exceptionSave: exceptionSave, removeRedundancy: removeRedundancy, incremental: incremental
        )
    }

    /// Makes a configuration with a schedule, a retention and a form, which can say more than MindSpore's arguments.
    ///
    /// MindSpore's four numbers are then nil, but for what the schedule and the rules say in their words.
    ///
    /// - Throws: ``CheckpointConfigError``.
    public init(
        schedule: SaveSchedule, retention: Retention, integratedSave: Bool = true, asyncSave: Bool = false,
        savedNetwork: (any Cell)? = nil, appendInfo: [AppendInfo] = [], form: CheckpointForm = .plain,
        exceptionSave: Bool = false, removeRedundancy: Bool = false
    ) throws(CheckpointConfigError) {
        try self.init(
            SaveCounts(schedule, retention), schedule: schedule, retention: retention, integratedSave: integratedSave,
            asyncSave: asyncSave, savedNetwork: savedNetwork, appendInfo: appendInfo, form: form,
            encMode: form.encryption?.mode ?? .aesGCM, exceptionSave: exceptionSave, removeRedundancy: removeRedundancy,
            incremental: false)
    }

    private init(
        _ counts: SaveCounts, schedule: SaveSchedule, retention: Retention, integratedSave: Bool, asyncSave: Bool,
        savedNetwork: (any Cell)?, appendInfo: [AppendInfo], form: CheckpointForm, encMode: EncryptionMode,
        exceptionSave: Bool, removeRedundancy: Bool, incremental: Bool
    ) throws(CheckpointConfigError) {
        self.schedule = schedule
        self.retention = retention
        saveCheckpointSteps = counts.steps
        saveCheckpointSeconds = counts.seconds
        keepCheckpointMax = counts.max
        keepCheckpointPerNMinutes = counts.minutes
        self.integratedSave = integratedSave
        self.asyncSave = asyncSave
        self.savedNetwork = savedNetwork
        appended = try AppendedValues(appendInfo)
        self.form = form
        self.encMode = encMode
        self.form.removeRedundancy = removeRedundancy
        self.exceptionSave = exceptionSave
        self.removeRedundancy = removeRedundancy
        mapParamInc = incremental
        try check()
    }
}
