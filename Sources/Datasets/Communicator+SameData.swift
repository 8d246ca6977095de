import Collectives
import Files
import Memory
import SystemPackage

extension Communicator {
    /// Makes sure that all ranks found the same in a place where each looked for itself: "40 pictures in 2 folders". Ranks with
    /// other samples would make other steps, and wait for each other.
    ///
    /// - Throws: `DataError` on all ranks, with what two of them found.
    func requireSame(_ path: FilePath, _ found: String) throws {
        guard let rank = try firstDifference(Array(found.utf8)) else { return }
        let (first, other) = (try broadcast(found, from: 0), try broadcast(found, from: rank))
        throw DataError.badFile(
            path, "is not the same for all ranks: rank 0 sees \(first), and rank \(rank) sees \(other)")
    }
}

extension Checksum {
    /// That of names, in their order.
    init(ofNames names: [String]) {
        self.init()
        for name in names { update(Array(name.utf8 + [0]).span) }
    }
}
