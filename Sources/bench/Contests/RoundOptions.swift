import ArgumentParser
import Terminal

/// The options that all contests share.
struct RoundOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How often all take turns. (default: 9, or 3 with --quick)"))
    var rounds: Int?

    @Flag(help: "Few and short rounds, for a first look.")
    var quick = false

    @Flag(help: "Measure Lockstep alone, without installing or starting anybody else.")
    var withoutPeers = false

    func validate() throws {
        try checkCount("--rounds", rounds, atMost: Self.mostRounds)
    }

    static let mostRounds = 10_000

    /// The most ranks that are started here.
    static let mostRanks = 4096

    /// How often all take turns.
    var roundCount: Int { rounds ?? (quick ? 3 : 9) }

    /// How many seconds a turn of training steps lasts.
    var turnSeconds: Double { quick ? 0.5 : 2 }

    /// The options again, as another benchmark parses them.
    var arguments: [String] {
        (rounds.map { ["--rounds", "\($0)"] } ?? []) + (quick ? ["--quick"] : [])
            + (withoutPeers ? ["--without-peers"] : [])
    }

    /// The libraries of others, unless nobody wants them.
    func makePeers() throws -> PeerEnvironment? { withoutPeers ? nil : try PeerEnvironment() }
}
