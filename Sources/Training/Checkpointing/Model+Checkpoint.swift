public import Checkpoints
import Collectives
import Graphs
import Networks
public import SystemPackage

extension Model {
    /// Loads the parameters of the network from a published set, on all ranks together; nil if there is none.
    ///
    /// Encrypted files need their `key`.
    ///
    /// - Throws: `CheckpointSetError` if the set is damaged or of another model, on all ranks.
    public func loadNetwork(
        named name: String, in directory: FilePath, key: EncryptionKey? = nil
    ) throws -> Manifest? {
        let restorer = CheckpointRestorer(
            CheckpointDirectory(directory), world: world, model: network.fingerprint,
            open: { try CheckpointFormats.open($0, key: key) })
        guard let restored = try restorer.restore(named: name) else { return nil }
        try world.together { try restored.reader.load(into: network.parameters) }
        return restored.manifest
    }
}
