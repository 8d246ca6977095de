/// How a job saves.
public struct SaveStrategy: Hashable, Sendable, Codable {
    /// Who writes.
    public enum Writers: String, Hashable, Sendable, Codable {
        /// Rank 0 gathers everything and writes it. The ranks gather together, so the run always waits for it.
        case integrated
        /// Each rank writes its own part.
        case sharded
    }

    /// Copies on the disks of the hosts, between saves to shared storage.
    public struct LocalCopies: Hashable, Sendable, Codable {
        /// Every n-th save goes to shared storage too.
        public var flushEvery: Int

        /// Whether each host keeps the copy of another one beside its own, so that one host may be lost.
        public var hasPartner: Bool

        /// Describes copies.
        public init(flushEvery: Int = 10, hasPartner: Bool = true) {
            self.flushEvery = flushEvery
            self.hasPartner = hasPartner
        }
    }

    /// Who writes.
    public var writers: Writers

    /// Whether the run goes on while files are written.
    public var isAsynchronous: Bool

    /// Copies on the disks of the hosts; nil without.
    public var localCopies: LocalCopies?

    /// Describes a strategy.
    public init(_ writers: Writers, isAsynchronous: Bool = false, localCopies: LocalCopies? = nil) {
        self.writers = writers
        self.isAsynchronous = isAsynchronous && writers == .sharded
        self.localCopies = localCopies
    }

    /// All that are compared, with these local copies where there are any.
    public static func all(_ copies: LocalCopies = LocalCopies()) -> [SaveStrategy] {
        [nil, copies].flatMap { copies in
            [
                SaveStrategy(.integrated, localCopies: copies), SaveStrategy(.sharded, localCopies: copies),
                SaveStrategy(.sharded, isAsynchronous: true, localCopies: copies),
            ]
        }
    }

    /// Its name on a command line, such as "sharded-async-local".
    public var name: String {
        writers.rawValue + (isAsynchronous ? "-async" : "") + (localCopies == nil ? "" : "-local")
    }

    func check() throws(GoodputError) {
        guard let localCopies else { return }
        try GoodputError.check(
            "the number of local saves for one to shared storage", Double(localCopies.flushEvery), in: 1...1_000_000,
            "from 1 to 1000000")
    }
}
