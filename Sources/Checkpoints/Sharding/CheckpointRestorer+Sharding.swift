import Tensors

extension CheckpointRestorer {
    /// A set of any kind that verified on all ranks, and is loaded.
    public struct RestoredShards: Sendable {
        /// The set, for its small values.
        public let reader: CheckpointSetReader

        /// Why newer sets were passed over, a sentence each.
        public let warnings: [String]

        /// What the set is.
        public var manifest: Manifest { reader.manifest }
    }

    /// Loads the newest set, of any kind and saved on any mesh, that verifies on all ranks and has the wanted parameters,
    /// among those whose name satisfies `isWanted` and whose manifest `suits`; nil if there are no sets.
    ///
    /// Of `optional`, what the set has is loaded. Files are verified as they load. Falls back and throws as
    /// ``restoreNewest(where:)`` does; if it throws, what the parameters hold is of no use. What `accept` throws about a set, on
    /// all ranks alike, ends the search.
    public func restoreNewest(
        for wanted: [ShardedParameter], optional: [ShardedParameter] = [], strict: Bool = true,
        where isWanted: (String) -> Bool = { _ in true }, and suits: (Manifest) -> Bool = { _ in true },
        accepting accept: (Manifest) throws -> Void = { _ in }
    ) throws -> RestoredShards? {
        try newestUsable(where: isWanted, and: suits, accepting: accept) { manifest, warnings in
            // The same manifest everywhere, so all ranks throw here or none.
            try checkModel(of: manifest)
            let names = Set(manifest.checkpoint.parameters.map { ByteName($0.name) })
            let reader = try CheckpointSetReader(
                manifest, in: directory, for: wanted + optional.filter { names.contains($0.name) }, world: world,
                strict: strict, surroundings: surroundings, open: open)
            try reader.load()
            return RestoredShards(reader: reader, warnings: warnings)
        }
    }
}
