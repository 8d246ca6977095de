import Collectives
import Files
public import SystemPackage

/// Finds out whether a directory is one and the same for all ranks: rank 0 leaves a mark in it that nobody can guess, and
/// every rank looks for it.
struct DirectoryProbe {
    /// How long a rank looks: a network file system shows new names on other hosts with a delay.
    private static let patience: Duration = .seconds(3)

    private let directory: FilePath
    private let files: any FileSystem
    private let world: any Communicator
    private let surroundings: any Surroundings

    init(
        _ directory: FilePath, files: any FileSystem, world: any Communicator, in surroundings: any Surroundings
    ) {
        self.directory = directory
        self.files = files
        self.world = world
        self.surroundings = surroundings
    }

    /// Throws ``UnsharedDirectoryError`` on all ranks, as a `RankFailure`, if one of them does not see what rank 0 wrote.
    func run() throws {
        guard world.size > 1 else { return }
        // A name of its own: a file system may remember for a while that a name was not there.
        let name = files.unguessablePath(beside: "shared", "probe").string
        let told = try world.broadcast("\(name) \(surroundings.host)", from: 0).split(separator: " ").map(String.init)
        let (mark, host) = (told[0], told.last ?? "")
        let path = directory.appending(mark)
        try world.together {
            guard world.rank == 0 else { return }
            let file = try files.create(path)
            try file.write(Array(mark.utf8).span)
            try file.close()
        }
        defer { if world.rank == 0 { try? files.remove(path) } }
        try world.together {
            let isSeen = surroundings.waits(for: Self.patience) {
                (try? files.contents(of: path, limit: 64)) == Array(mark.utf8)
            }
            guard isSeen else {
                throw UnsharedDirectoryError(directory: directory, host: surroundings.host, hostOfRank0: host)
            }
        }
    }
}

/// A directory that is another one on another rank.
public struct UnsharedDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The directory, by the name that the rank knows it by.
    public let directory: FilePath

    /// Where the rank runs.
    public let host: String

    /// Where rank 0 runs.
    public let hostOfRank0: String

    /// One sentence.
    public var description: String {
        let other = host == hostOfRank0 ? "" : " on \(hostOfRank0)"
        return
            "\(directory) on \(host) is not the directory that rank 0 writes to\(other); all ranks need one that they share"
    }
}
