public import Files
public import Foundation
public import Records
public import SystemPackage

/// What a run says about itself in `status.json` in its directory, for schedulers and people who cannot see its exit
/// code: mpirun and Slurm lose some.
public struct RunStatus: Codable, Equatable, Sendable {
    /// How far a run is.
    public enum State: String, Codable, Sendable {
        /// It begins, or loads what it carries on from.
        case starting
        /// It makes steps.
        case running
        /// All ranks have made their last step before an agreed stop, and save.
        case stopping
        /// It was stopped before its end.
        case stopped
        /// It has made all steps.
        case finished
        /// An error ended it.
        case failed
    }

    /// A rank of the run.
    public struct RankProcess: Codable, Equatable, Sendable {
        /// The number of the rank.
        public let rank: Int
        /// Where it runs.
        public let host: String
        /// Its process there.
        public let processIdentifier: Int

        /// Describes the process of a rank.
        package init(rank: Int, host: String, processIdentifier: Int) {
            self.rank = rank
            self.host = host
            self.processIdentifier = processIdentifier
        }
    }

    /// A rank that is slow.
    public struct SlowRank: Codable, Equatable, Sendable {
        /// The number of the rank.
        public let rank: Int
        /// Where it runs.
        public let host: String
        /// How many times the median of all ranks it takes for its own part of a step.
        public let factor: Double

        /// Describes a slow rank.
        package init(rank: Int, host: String, factor: Double) {
            self.rank = rank
            self.host = host
            self.factor = factor
        }
    }

    /// How far the run is.
    public package(set) var state = State.starting

    /// The id of the run; nil before it has begun, and from older versions.
    public package(set) var run: String?

    /// An id of this launch of the run, made at its start.
    public package(set) var launch: String?

    /// The steps made in this launch, when this was written.
    public package(set) var stepsMade: Int?

    /// When this was written, by the clock of rank 0.
    public package(set) var updated = Date(timeIntervalSince1970: 0)

    /// The steps made in all, when this was written: at the beginning, at checkpoints, at the end.
    public package(set) var step = 0

    /// Why it stops, such as "a signal"; nil if it was not asked to.
    public package(set) var reason: String?

    /// The rank that was asked.
    public package(set) var requestingRank: Int?

    /// What is known of the request.
    public package(set) var request: StopRecord?

    /// Whether further steps can be made from ``manifest``, should the run end now, in whatever way.
    public package(set) var resumable = false

    /// From the request to the publication of the set that carries on, in seconds.
    public package(set) var secondsToPublish: Double?

    /// The manifest of the newest set of the run; until its first step, of the run before that can be carried on.
    public package(set) var manifest: String?

    /// What ended it, if it failed.
    public package(set) var error: String?

    /// The ranks that are slow now; nil if none is.
    public package(set) var slow: [SlowRank]?

    /// All ranks.
    public package(set) var processes: [RankProcess] = []

    /// The status of a run that begins.
    package init() {}

    /// The name of the file.
    public static let fileName = "status.json"

    /// The status of the run in a directory; nil if there is none that can be read.
    public static func read(in directory: FilePath, files: any FileSystem = LocalFileSystem()) -> RunStatus? {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .recordedTime
        let bytes = try? files.contents(of: directory.appending(fileName), limit: 64 << 20)
        return bytes.flatMap { try? decoder.decode(RunStatus.self, from: Data($0)) }
    }

    /// Records how a run ended whose ranks can no longer do so themselves.
    package static func noteFailure(
        _ error: String, in directory: FilePath, files: any FileSystem, at date: Date
    ) {
        guard var status = read(in: directory, files: files) else { return }
        status.state = .failed
        status.error = error
        status.updated = date
        status.resumable = status.manifest != nil
        // A status that cannot be written is no reason to stay.
        try? StatusFile(in: directory, files: files).write(status)
    }

    /// As JSON, also for people.
    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        guard let data = try? encoder.encode(self) else { fatalError("a status is always JSON") }
        return Array(data) + [UInt8(ascii: "\n")]
    }
}
