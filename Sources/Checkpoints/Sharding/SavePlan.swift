public import Collectives
import Files
public import Layouts
import Tensors

/// What one rank adds to a set of any kind: pure values, made alike on every rank.
///
///     let plan = SavePlan(.sharded, named: "net-2_7", parameters, extras: extras, mesh: mesh, world: world)
///     let set = CheckpointSet(name: "net-2_7", kind: .sharded, …, mesh: plan.mesh, parameters: plan.records)
///     try publisher.publish(set, files: plan.files, gathered: plan.gathered)
///
/// - `replicated`: every rank writes everything; no parameter may be split.
/// - `integrated`: rank 0 writes whole tensors, which are gathered to it piece by piece if any is split.
/// - `sharded`: every rank writes its slices, and rank 0 a strategy file, with which MindSpore's
///   `transform_checkpoints` puts them together.
/// - `deduplicated`: like `sharded`, but each slice is written by one rank only, as ``RedundancyRemoval`` says.
public struct SavePlan: Sendable {
    /// The files that this rank writes alone.
    public let files: [CheckpointFile]

    /// The files of rank 0 to which all ranks contribute.
    public let gathered: [GatheredFile]

    /// The parameters, for the manifest: with their layouts if the files hold slices.
    public let records: [ParameterRecord]

    /// The mesh, for the manifest.
    public let mesh: [MeshAxis]

    /// Where the strategy file of a set lies below its directory.
    public static func strategyPath(of set: String) -> String { "strategy/\(set).ckpt" }

    /// The size of each of the two buffers with which rank 0 gathers split tensors: large enough that a message costs its
    /// bytes, small beside any model worth splitting.
    public static let bufferByteCount = 16 << 20

    /// Plans a set. All ranks give the same arguments, except for the contents of their tensors.
    ///
    /// `path` is where the state file of a rank lies below the directory; without it, `rank_<rank>/<name>.<extension>`.
    public init(
        _ kind: CheckpointSet.Kind, named name: String, _ parameters: [ShardedParameter],
        extras: [(name: String, value: CheckpointValue)] = [], mesh: DeviceMesh, world: any Communicator,
        form: CheckpointForm = .plain, bufferByteCount: Int = SavePlan.bufferByteCount,
        path: ((_ rank: Int) -> String)? = nil
    ) {
        var form = form
        if kind == .deduplicated { form.removeRedundancy = true }
        let (rank, fileExtension) = (world.rank, form.format.fileExtension)
        let path = path ?? { "rank_\($0)/\(name).\(fileExtension)" }
        let contents = StateContents(
            parameters: Self.share(of: rank, in: parameters, kind, rankCount: world.size), extras: extras, form: form)
        let isSplit = parameters.contains { !$0.isWhole }
        self.mesh = mesh.record
        switch kind {
        case .replicated, .integrated:
            precondition(kind == .integrated || !isSplit, "a replicated set cannot hold slices")
            records = parameters.map(\.wholeRecord)
            if isSplit {
                files = []
                let rootPath = path(0)
                gathered = [
                    GatheredFile(rootPath) { file in
                        try contents.writeWhole(
                            to: file, path: rootPath, world: world, bufferByteCount: bufferByteCount)
                    }
                ]
            } else {
                files = kind == .replicated || rank == 0 ? [Self.stateFile(contents, path(rank))] : []
                gathered = []
            }
        case .sharded, .deduplicated:
            records = parameters.map(\.record)
            let strategy = rank == 0 ? Self.strategyFile(of: parameters, on: mesh, set: name) : nil
            files = [Self.stateFile(contents, path(rank))] + (strategy.map { [$0] } ?? [])
            gathered = []
        }
    }

    private init(
        files: [CheckpointFile], gathered: [GatheredFile], records: [ParameterRecord], mesh: [MeshAxis]
    ) {
        self.files = files
        self.gathered = gathered
        self.records = records
        self.mesh = mesh
    }

    /// The same with the files of another plan beside its own, for others than the run; the strategy is written once.
    public func adding(companion other: SavePlan) -> SavePlan {
        let own = Set(files.map { ByteName($0.path) })
        let more = other.files.filter { !own.contains($0.path) }
        return SavePlan(
            files: files + more.map { CheckpointFile($0.path, role: .companion, write: $0.write) },
            gathered: gathered + other.gathered.map { GatheredFile($0.path, role: .companion, write: $0.write) },
            records: records, mesh: mesh)
    }

    private static func share(
        of rank: Int, in parameters: [ShardedParameter], _ kind: CheckpointSet.Kind, rankCount: Int
    ) -> [ShardedParameter] {
        guard kind == .deduplicated else { return parameters }
        let removal = RedundancyRemoval(
            parameters.map { ($0.name, $0.sharding?.replicaGroups) }, rankCount: rankCount)
        return parameters.filter { removal.savers(of: $0.name).contains(rank) }
    }

    private static func stateFile(_ contents: StateContents, _ path: String) -> CheckpointFile {
        CheckpointFile(path) { try contents.writeSlices(to: $0, path: path) }
    }

    /// The layouts in MindSpore's words; nil if there are none.
    ///
    /// What is whole on every rank has its place there too: `load_distributed_checkpoint` loads nothing else than what the
    /// strategy names. Numbers without dimensions have not: MindSpore 2.10 cannot read its own word for them.
    private static func strategyFile(
        of parameters: [ShardedParameter], on mesh: DeviceMesh, set name: String
    ) -> CheckpointFile? {
        guard parameters.contains(where: { $0.sharding != nil }) else { return nil }
        let items = parameters.filter { $0.type.shape.rank > 0 }.compactMap { parameter in
            let shape = parameter.type.shape.dimensions
            let sharding =
                parameter.sharding ?? (try? TensorSharding(of: shape, mesh.replicated(dimensionCount: shape.count)))
            return sharding.map { StrategyFile.Item(parameter.name, $0.flattened) }
        }
        let bytes = StrategyFile(items).protobuf
        return CheckpointFile(strategyPath(of: name), role: .companion) { try $0.write(bytes.span) }
    }
}
