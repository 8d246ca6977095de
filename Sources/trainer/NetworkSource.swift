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

    /// Loads all parameters of the network, on all ranks together, and returns in words what they are from.
    func load(into model: Model, key: EncryptionKey?) throws -> String {
        if let set = try model.world.together({ try SetLocation(path) }) {
            return try load(set, into: model, key: key)
        }
        try model.world.together {
            guard path.extension != "mindir" else {
                try loadMindIR(path, into: model.network, key: key)
                return
            }
            let report = try loadParamIntoNet(model.network, loadCheckpoint(path, decKey: key), strictLoad: true)
            guard let missing = report.notLoaded.first else { return }
            throw ParameterMissing(path: path, name: missing)
        }
        return "network \(path)"
    }

    private func load(_ set: SetLocation, into model: Model, key: EncryptionKey?) throws -> String {
        guard let manifest = try model.loadNetwork(named: set.name, in: set.directory, key: key) else {
            throw ValidationError("\(set.directory) has no checkpoint \(set.name)")
        }
        return "checkpoint \(set.name) of step \(manifest.checkpoint.progress.step)"
    }
}

/// A file that does not have all of a network.
struct ParameterMissing: Error, CustomStringConvertible {
    let path: FilePath
    let name: String

    var description: String { "\(path) has no parameter \(name), which the network has" }
}
