public import ArgumentParser
public import Lockstep
import SystemPackage
import Terminal

/// The options that say which saved network to use.
public struct SavedNetworkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A checkpoint of the directory, such as CKP-1_700. (default: what the run left when it ended)",
            valueName: "name"))
    var checkpoint: String?

    @OptionGroup var key: KeyOptions

    /// Makes the options as they are on an empty command line.
    public init() {}

    /// Loads the network of a model, all ranks together; without a name, the one called `defaultName`.
    public func load(into model: Model, orElse defaultName: String, in directory: String) throws -> Manifest {
        try load(into: model, orElse: defaultName, in: directory, model.world.together { try key.load() })
    }

    /// Loads the network of a model, all ranks together; without a name, the one called `defaultName`.
    func load(
        into model: Model, orElse defaultName: String, in directory: String, _ key: EncryptionKey?
    ) throws -> Manifest {
        let name = checkpoint ?? defaultName
        guard let manifest = try model.loadNetwork(named: name, in: FilePath(text: directory), key: key) else {
            let advice =
                checkpoint == nil ? "train first, or name another --directory" : "ckpt list shows what is there"
            throw ValidationError("\(directory) has no checkpoint \(name); \(advice)")
        }
        return manifest
    }
}
