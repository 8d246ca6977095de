public import Collectives
public import Files
import Layouts
import Tensors

/// Reads a published set of any kind into parameters that are laid out on the present mesh: all ranks together, each
/// reading no more than it needs.
///
///     let reader = try CheckpointSetReader(manifest, in: directory, for: parameters, world: world)
///     try reader.load()
///     let step = try reader.state.integer("step_num")
///
/// Every file that some rank needs is verified once, by one rank, as it loads.
public struct CheckpointSetReader: Sendable {
    /// The set: on rank 0 with all its files, on the others with those that concern them.
    public let manifest: Manifest

    /// A file of the set, the same one in every run: for the small values, which are the same in all of them. After
    /// ``load()`` it gives out nothing else.
    public let state: any CheckpointReader

    /// Wanted parameters that the set does not have; none if they all had to be there.
    public let notLoaded: [String]

    /// Parameters of the set that nobody wants.
    public let unused: [String]

    private let wanted: [ShardedParameter]
    private let reader: ShardedReader
    private let files: SharedFiles
    private let world: any Communicator

    /// Opens what the ranks need of a set; nothing is verified or loaded yet.
    ///
    /// All ranks name the same parameters; of `manifest`, what rank 0 gives counts. With `strict`, all of them must be in the
    /// set. Throws on all ranks if it throws on one.
    public init(
        _ manifest: Manifest, in directory: CheckpointDirectory, for wanted: [ShardedParameter],
        world: any Communicator, strict: Bool = true, surroundings: any Surroundings = .system,
        open: (any ReadableFile) throws -> any CheckpointReader = { try CheckpointFormats.open($0) }
    ) throws {
        let wantedNames = Set(wanted.map { ByteName($0.name) })
        let saved = try world.together { try manifest.savedParameters(where: wantedNames.contains) }
        let present = try world.together { () throws(CheckpointSetError) in
            try manifest.select(wanted, from: saved, strict: strict)
        }
        let home = manifest.home(of: world.rank)
        let sources = Self.sources(of: present, saved, rank: world.rank).union([home])
        let files = try SharedFiles(
            sources, of: manifest, in: directory, world: world, surroundings: surroundings)
        let readers = try world.together {
            do {
                let readers = try files.opened.mapValues { try open($0) }
                for saved in present.compactMap({ saved[$0.name] }) { try Self.check(saved, in: readers) }
                return readers
            } catch {
                // A damaged file often no longer has its format; that it is damaged says more.
                try files.verifyAll()
                throw error
            }
        }
        guard let state = readers[home] else { fatalError("the file of rank \(home) was to be opened") }
        let names = Set(present.map { ByteName($0.name) })
        self.manifest = files.manifest
        self.state = state
        // In the order of the file, in which verifying costs no further reading.
        let places = Dictionary(state.entries.enumerated().map { (ByteName($1.name), $0) }) { first, _ in first }
        self.wanted = present.enumerated().sorted { a, b in
            (places[a.element.name] ?? places.count, a.offset) < (places[b.element.name] ?? places.count, b.offset)
        }.map(\.element)
        self.files = files
        self.world = world
        notLoaded = wanted.map(\.name).filter { !names.contains($0) }
        unused = manifest.checkpoint.parameters.map(\.name).filter { !names.contains($0) }
        reader = ShardedReader(Array(saved.values), files: readers)
    }

    /// Fills the parameters of all ranks, and verifies the files. Only then is ``state`` to be believed.
    ///
    /// Throws on all ranks if it throws on one; what the parameters hold then is of no use.
    public func load() throws {
        try world.together {
            files.begin()
            let loaded = Result {
                for parameter in wanted { try reader.load(parameter, rank: world.rank) }
                try readSmallValues()
            }
            // That a file was changed says more than the errors that follow from it, and tells nobody how it decrypts.
            try files.verify()
            try loaded.get()
        }
        try files.compare()
    }

    /// Reads what will be asked of ``state`` later, so that it is compared too.
    private func readSmallValues() throws {
        let parameters = Set(manifest.checkpoint.parameters.map { ByteName($0.name) })
        for entry in state.entries where !parameters.contains(ByteName(entry.name)) {
            _ = try state.contents(of: entry.name)
        }
    }

    /// The ranks whose files a rank needs.
    private static func sources(
        of wanted: [ShardedParameter], _ saved: [ByteName: SavedParameter], rank: Int
    ) -> Set<Int> {
        var sources: Set<Int> = []
        for parameter in wanted where parameter.local.elementCount > 0 {
            guard let saved = saved[parameter.name] else { continue }
            let plan = saved.plan(for: parameter.box(of: rank), rank: rank)
            sources.formUnion(plan.pieces.map(\.source))
        }
        return sources
    }

    /// Throws unless what an open file holds of a parameter is of the type that the manifest says.
    private static func check(
        _ saved: SavedParameter, in readers: [Int: any CheckpointReader]
    ) throws(FormatError) {
        for (rank, reader) in readers where saved.isHeld(by: rank) && saved.type.byteCount > 0 {
            guard let entry = reader.entry(named: saved.name) else {
                throw .missing(name: saved.name, path: reader.path)
            }
            guard entry.tensorType == saved.sliceType else {
                throw .wrongKind(name: saved.name, path: reader.path, wanted: "\(saved.sliceType)")
            }
        }
    }
}

extension Manifest {
    /// The parameters that are to be loaded.
    fileprivate func select(
        _ wanted: [ShardedParameter], from saved: [ByteName: SavedParameter], strict: Bool
    ) throws(CheckpointSetError) -> [ShardedParameter] {
        var present: [ShardedParameter] = []
        for parameter in wanted {
            guard let found = saved[parameter.name] else {
                guard !strict else { throw .unreadable(name: name, reason: "it has no \(parameter.name)") }
                continue
            }
            guard found.type == parameter.type else {
                throw .unreadable(name: name, reason: "\(parameter.name) is \(found.type), not \(parameter.type)")
            }
            present.append(parameter)
        }
        return present
    }
}
