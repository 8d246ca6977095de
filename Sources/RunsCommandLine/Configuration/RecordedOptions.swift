import ArgumentParser
import Foundation
import Lockstep
import SystemPackage
import Terminal

/// What a set says of the options that its program was given when it saved it: what the network is made of.
struct RecordedOptions: Codable {
    /// The set, in words.
    let source: String

    /// The program's own options and their values, by name.
    let options: [String: [String]]

    /// Where a command looks for a network, as its words say before the parser has seen them.
    struct Query {
        /// The options that the command has, and the values of those that are given.
        let table: OptionTable
        let given: [String: [String]]

        /// The task whose network it is; nil takes the newest of those that a run has left.
        let task: String?

        fileprivate func value(_ name: String) -> String? { given[name]?.last ?? table[name]?.defaultText }
    }

    /// Looks on rank 0 and tells all ranks; nil if nothing is on record. What is wrong with a set is said by who loads it.
    static func find(_ query: Query, in world: any Communicator) throws -> RecordedOptions? {
        let own = world.rank == 0 ? look(query) : nil
        let bytes = try world.broadcast(Array(JSONEncoder().encode(own.map { [$0] } ?? [])), from: 0)
        return try JSONDecoder().decode([RecordedOptions].self, from: Data(bytes)).first
    }

    private static func look(_ query: Query) -> RecordedOptions? {
        guard let place = place(query), let sets = sets(in: place.directory, query) else { return nil }
        let wanted = (place.name ?? query.task.map { "\($0)\(endSuffix)" }).map { [$0] }
        let names = wanted ?? (try? sets.list { $0.hasSuffix(endSuffix) })?.manifests.map(\.name) ?? []
        return names.lazy.compactMap { manifest(named: $0, in: sets) }.compactMap(RecordedOptions.init).first {
            $0.suits(query)
        }
    }

    /// What the set of a run's end is called after the task.
    private static let endSuffix = "_train"

    private init?(_ manifest: Manifest) {
        guard let options = manifest.checkpoint.record?.options else { return nil }
        source = "checkpoint \(manifest.name)"
        self.options = options
    }

    /// The directory of the set and its name, if one is named; nil if a single file is.
    private static func place(_ query: Query) -> (directory: FilePath, name: String?)? {
        if let path = query.value("from") {
            guard let set = try? SetLocation(FilePath(text: path)) else { return nil }
            return (set.directory, set.name)
        }
        return query.value("directory").map { (FilePath(text: $0), query.value("checkpoint")) }
    }

    /// The sets of a directory, with the key that is to prove them; nil if that cannot be had.
    private static func sets(in directory: FilePath, _ query: Query) -> CheckpointDirectory? {
        let names = ["key-file", "key-env", "allow-shared-key-file"]
        let words = names.flatMap { name in
            query.table[name].flatMap { option in query.given[name].map(option.words(giving:)) } ?? []
        }
        guard !words.isEmpty else { return CheckpointDirectory(directory) }
        return (try? KeyOptions.parse(words).load()).map { CheckpointDirectory(directory, key: $0) }
    }

    /// The manifest of a set, if it may choose options, which can name files: with a key one that the key proves, else one of
    /// this user or root.
    private static func manifest(named name: String, in sets: CheckpointDirectory) -> Manifest? {
        let path = sets.path.appending(SetNames.manifest(of: name))
        guard let file = try? sets.fileSystem.open(path), let bytes = try? file.contents(limit: 64 << 20),
            let manifest = try? Manifest(json: bytes, path: path)
        else { return nil }
        guard let key = sets.key else { return [0, FileStatus.user].contains(file.owner) ? manifest : nil }
        guard case .proven? = try? sets.authenticity(of: manifest, key: key) else { return nil }
        return manifest
    }

    /// Whether nothing that is given chooses otherwise among a few kinds: who says --model lenet5 does not mean a set of
    /// another model.
    private func suits(_ query: Query) -> Bool {
        query.given.allSatisfy { name, values in
            guard query.table[name]?.choices != nil, let recorded = options[name] else { return true }
            return recorded == values
        }
    }

    /// The options of a command that are on record and not given: those that the program itself has, and the command too.
    func options(of query: Query, own: OptionTable) -> [GivenOption] {
        own.options.compactMap { option in
            guard query.given[option.name] == nil, let values = options[option.name],
                let here = query.table[option.name], here.isSame(as: option)
            else { return nil }
            return GivenOption(option: here, values: values)
        }
    }
}
