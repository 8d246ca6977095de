import ArgumentParser
import Lockstep
import SystemPackage

/// Where the parameters of a network come from: a set, by its manifest, or a single file of any kind.
struct NetworkSource: ExpressibleByArgument {
    private let path: FilePath

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        path = FilePath(text: argument)
    }

    /// Loads all parameters of the network, on all ranks of `world` together, and returns in words what they are from.
    ///
    /// What it holds is compared with the network before anything is read.
    func load(into network: any Cell, in world: any Communicator, key: EncryptionKey?) throws -> String {
        if let set = try world.together({ try SetLocation(path) }) {
            return try load(set, into: network, in: world, key: key)
        }
        try world.together {
            let file = try NamedFile(path, key: key)
            guard path.extension != "mindir" else {
                let reader = try MindIRReader(path) { try DecryptedFile.opening(file.open($0), key: key) }
                try reader.load(into: network.parameters)
                return
            }
            try CheckpointFormats.open(file.open(), key: key).load(into: network.parameters)
        }
        return "network \(path)"
    }

    private func load(
        _ set: SetLocation, into network: any Cell, in world: any Communicator, key: EncryptionKey?
    ) throws -> String {
        guard let manifest = try loadNetwork(network, named: set.name, in: set.directory, key: key, world: world)
        else {
            throw ValidationError("\(set.directory) has no checkpoint \(set.name)")
        }
        return "checkpoint \(set.name) of step \(manifest.checkpoint.progress.step)"
    }
}
