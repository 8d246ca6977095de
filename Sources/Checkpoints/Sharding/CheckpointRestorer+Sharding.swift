extension CheckpointRestorer {
    /// A set of any kind that verified on all ranks and fits the wanted parameters.
    public struct RestoredShards: Sendable {
        /// The set, open; ``CheckpointSetReader/load()`` fills the parameters.
        public let reader: CheckpointSetReader

        /// Why newer sets were passed over, a sentence each.
        public let warnings: [String]

        /// What the set is.
        public var manifest: Manifest { reader.manifest }
    }

    /// Opens the newest set, of any kind and saved on any mesh, that verifies on all ranks and has the wanted parameters,
    /// among those whose name satisfies `isWanted`; nil if there are no sets.
    ///
    /// Falls back and throws as ``restoreNewest(where:)`` does.
    public func restoreNewest(
        for wanted: [ShardedParameter], strict: Bool = true, where isWanted: (String) -> Bool = { _ in true }
    ) throws -> RestoredShards? {
        try newestUsable(where: isWanted) { manifest, warnings in
            // The same manifest everywhere, so all ranks throw here or none.
            try checkModel(of: manifest)
            let reader = try CheckpointSetReader(
                manifest, in: directory, for: wanted, world: world, strict: strict, open: open)
            return RestoredShards(reader: reader, warnings: warnings)
        }
    }
}
