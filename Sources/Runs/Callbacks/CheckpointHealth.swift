import Collectives
import Files
import FoundationEssentials
public import SystemPackage
public import Training

/// How healthy checkpoints are told from others (the checkpoint health monitor of MindFormers' `CheckpointMonitor`).
///
/// Each save measures the run; a checkpoint is healthy if on every rank the value is below a threshold. The verdicts stand
/// in `<directory>/health_ckpts.json`, the oldest first, in MindFormers' form:
///
///     [{"is_health": 0, "ckpt_name": "llama_rank_0-2_7.ckpt"}]
///
/// 0 is healthy, 1 is not. MindFormers measures the norm of the gradient of an embedding, which its optimizer leaves
/// behind; here the caller says what is measured.
public struct CheckpointHealth {
    /// From which value on a checkpoint is not healthy (`embedding_local_norm_threshold`).
    public let threshold: Double

    /// Where the record lies (`health_ckpts_record_dir`).
    public let directory: FilePath

    private let measure: (CallbackParameters) -> Double

    /// Tells checkpoints apart by what `measure` says of the run on a rank; a value that is no number is not healthy.
    public init(
        threshold: Double = 1, directory: String = "./output", measure: @escaping (CallbackParameters) -> Double
    ) {
        self.threshold = threshold
        self.directory = FilePath(text: directory)
        self.measure = measure
    }

    /// Whether the state of now is healthy on every rank; all ranks ask together.
    func isHealthy(_ context: RunContext) throws -> Bool {
        let isBelow = measure(context.originalArgs()) < threshold
        return try context.meet(bringing: isBelow ? 0 : 1) == 0
    }

    /// Adds a checkpoint to the record, which is replaced in one step.
    func note(_ fileName: String, isHealthy: Bool, in files: any FileSystem) throws {
        let path = directory.appending("health_ckpts.json")
        var records: [HealthRecord] = []
        if try files.status(of: path) != nil {
            let bytes = try files.contents(of: path, limit: 64 << 20)
            records = try JSONDecoder().decode([HealthRecord].self, from: Data(bytes))
        }
        records.append(HealthRecord(isHealth: isHealthy ? 0 : 1, ckptName: fileName))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes]
        try files.createDirectory(directory)
        try files.replaceContents(of: path, with: Array(encoder.encode(records)))
    }
}

private struct HealthRecord: Codable {
    let isHealth: Int
    let ckptName: String

    private enum CodingKeys: String, CodingKey {
        case isHealth = "is_health"
        case ckptName = "ckpt_name"
    }
}
