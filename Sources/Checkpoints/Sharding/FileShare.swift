import Collectives
import FoundationEssentials

/// What a rank is told of a set by rank 0, which alone knows all files of it: with a thousand ranks, a thousand times a thousand
/// records would be exchanged and decoded otherwise.
struct FileShare: Codable {
    /// The files that the rank needs, and those that it gives their final names (``CheckpointRestorer/tidy(after:)``).
    let files: [ManifestFile]

    /// The ranks that saved those of them that this one verifies for all that need them.
    let verified: Set<Int>
}

extension Manifest {
    /// This set with the files that this rank needs: the states that `savers` have saved. What rank 0 knows of the set counts,
    /// and it goes on knowing all of it. All ranks of `world` together, each naming its own.
    ///
    /// Throws on all ranks if it throws on one.
    func shared(
        _ savers: Set<Int>, over world: any Communicator
    ) throws -> (manifest: Manifest, verified: Set<Int>) {
        guard world.size > 1 else { return (self, savers) }
        let needs = try world.gather(Self.encode(savers), to: 0)
        let shares = try world.together { () throws -> [[UInt8]] in
            guard world.rank == 0 else { return [] }
            return try divide(among: needs.map(Self.decode)).map { Array(try JSONEncoder().encode($0)) }
        }
        let bytes = try world.scatter(shares, from: 0)
        let own = try world.together { try JSONDecoder().decode(FileShare.self, from: Data(bytes)) }
        return (world.rank == 0 ? self : with(own.files), own.verified)
    }

    /// What each rank is told; `needs` are the savers whose files it needs.
    private func divide(among needs: [Set<Int>]) throws(CheckpointSetError) -> [FileShare] {
        let states = try stateFiles(savedBy: needs.reduce(into: []) { $0.formUnion($1) })
        let renamed = Dictionary(grouping: files) { $0.rank % needs.count }
        let verified = Self.verifiers(of: needs)
        return needs.indices.map { rank in
            let others = needs[rank].sorted().compactMap { states[$0] }.filter { $0.rank % needs.count != rank }
            return FileShare(files: (renamed[rank] ?? []) + others, verified: verified[rank])
        }
    }

    /// The savers whose files each rank verifies: each file goes to the rank that has the fewest of those that need it.
    private static func verifiers(of needs: [Set<Int>]) -> [Set<Int>] {
        var candidates: [Int: [Int]] = [:]
        for (rank, savers) in needs.enumerated() { for saver in savers { candidates[saver, default: []].append(rank) } }
        var shares = [Set<Int>](repeating: [], count: needs.count)
        for (saver, ranks) in candidates.sorted(by: { $0.key < $1.key }) {
            guard let verifier = ranks.min(by: { shares[$0].count < shares[$1].count }) else { continue }
            shares[verifier].insert(saver)
        }
        return shares
    }

    private static func encode(_ savers: Set<Int>) -> [UInt8] {
        Array(savers.sorted().map(String.init).joined(separator: " ").utf8)
    }

    private static func decode(_ bytes: [UInt8]) -> Set<Int> {
        Set(String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { Int($0) })
    }
}
