import Checkpoints
import Ciphers
import Collectives
import Datasets
import MindIR
import Networks
import Tensors

/// A network as MindIR among the files of a set.
///
/// A rank that holds the network whole writes it into its own folder. Where ranks share it, rank 0 writes the whole one,
/// with what it gathers from all.
struct NetworkExport {
    private let model: MindIRModel
    private let externalLimit: Int
    private let isWhole: Bool
    private let parameters: [ByteName: ShardedParameter]

    /// Traces the network; `samples` are those of a rank in a step. Nothing is written, and no value is read.
    init(
        _ network: any Cell, lossFn: (any Loss)?, columns: [DataColumn], samples: Int, _ options: MindIROptions
    ) throws(ExportError) {
        let lossFn = options.includesLoss ? lossFn : nil
        if let batch = options.batch {
            model = try MindIRModel(of: network, lossFn: lossFn, columns: columns, batch: batch)
        } else if let free = try? MindIRModel(of: network, lossFn: lossFn, columns: columns) {
            model = free
        } else {
            model = try MindIRModel(of: network, lossFn: lossFn, columns: columns, batch: .samples(samples))
        }
        externalLimit = options.externalLimit
        isWhole = network.isWhole
        let saved = network.parameters.map(\.asSaved)
        parameters = Dictionary(uniqueKeysWithValues: saved.map { (ByteName($0.name), $0) })
    }

    /// The files of a set that hold it as `name`; what they receive are the values at the time of writing.
    ///
    /// - Throws: `MindIRError` if MindSpore would not load them.
    func files(
        named name: String, world: any Communicator, encryption: Encryption?
    ) throws(MindIRError) -> (own: [CheckpointFile], gathered: [GatheredFile]) {
        let rank = isWhole ? world.rank : 0
        let parts = try model.files(named: "rank_\(rank)/\(name)", externalLimit: externalLimit)
        if isWhole {
            let own = parts.map { part in
                CheckpointFile(part.path, role: .network) { try part.write(to: $0) }.encrypted(encryption)
            }
            return (own, [])
        }
        let gathered = parts.map { part in
            GatheredFile(
                part.path, role: .network, gathering: part.parameterNames.compactMap { parameters[$0] }, world: world
            ) { file, appendNext in
                try part.write(to: file) { _ in try appendNext() }
            }.encrypted(encryption)
        }
        return ([], gathered)
    }
}
