public import Checkpoints
public import Ciphers
public import Collectives
import Graphs
import Logging
public import Networks
public import SystemPackage
import Tensors
public import Training

extension Model {
    /// Loads the parameters of the network from a published set, on all ranks together; nil if there is none. What is returned
    /// has all files of the set on rank 0, on the others those that concern them.
    ///
    /// Encrypted files need their `key`; with one, a set is refused that it does not prove.
    ///
    /// - Throws: `CheckpointSetError` if the set is damaged or of another model, on all ranks.
    public func loadNetwork(
        named name: String, in directory: FilePath, key: EncryptionKey? = nil
    ) throws -> Manifest? {
        try Runs.loadNetwork(network, named: name, in: directory, key: key, world: world)
    }
}

/// Loads the parameters of a network from a published set, on all ranks of `world` together; nil if there is none. The
/// network needs no first values, and nothing is in memory twice.
///
/// What is returned has all files of the set on rank 0, on the others those that concern them.
///
/// Encrypted files need their `key`; with one, a set is refused that it does not prove.
///
/// - Throws: `CheckpointSetError` if the set is damaged or of another model, on all ranks.
public func loadNetwork(
    _ network: any Cell, named name: String, in directory: FilePath, key: EncryptionKey? = nil,
    world: any Communicator = SoloCommunicator()
) throws -> Manifest? {
    let restorer = CheckpointRestorer(
        CheckpointDirectory(directory, key: key), world: world, model: network.fingerprint,
        open: { try CheckpointFormats.open($0, key: key) })
    let wanted = network.parameters.map(\.asSaved)
    guard let restored = try restorer.restoreNewest(for: wanted, where: { ByteName($0) == ByteName(name) }) else {
        return nil
    }
    for parameter in network.parameters { parameter.isInitialized = true }
    if world.rank == 0 { for warning in restored.warnings { Logger(label: "loadNetwork").warning("\(warning)") } }
    return restored.manifest
}
