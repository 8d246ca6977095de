import ArgumentParser
import Lockstep
import SystemPackage

/// Where the parameters of a network come from: a set, by its manifest, or a single file of any kind.
struct NetworkSource: ExpressibleByArgument {
    private let path: FilePath

    private static let manifestSuffix = ".manifest.json"

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        path = FilePath(text: argument)
    }

    /// Loads all parameters of the network, on all ranks together, and returns in words what they are from.
    func load(into model: Model, key: EncryptionKey?) throws -> String {
        if let name = path.lastComponent?.string, name.hasSuffix(Self.manifestSuffix) {
            return try load(set: String(name.dropLast(Self.manifestSuffix.count)), into: model, key: key)
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

    private func load(set name: String, into model: Model, key: EncryptionKey?) throws -> String {
        let folder = path.removingLastComponent()
        let directory = folder.isEmpty ? "." : folder
        guard let manifest = try model.loadNetwork(named: name, in: directory, key: key) else {
            throw ValidationError("\(directory) has no checkpoint \(name)")
        }
        return "checkpoint \(name) of step \(manifest.checkpoint.progress.step)"
    }
}

/// A file that does not have all of a network.
struct ParameterMissing: Error, CustomStringConvertible {
    let path: FilePath
    let name: String

    var description: String { "\(path) has no parameter \(name), which the network has" }
}
