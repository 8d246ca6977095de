import ArgumentParser
import Lockstep

/// `bench gpt`: the training step of a GPT beside PyTorch, on one thread, on two, and on two ranks.
struct GPTBench: Benchmark {
    static let configuration = CommandConfiguration(
        commandName: "gpt", abstract: "A GPT's training step beside PyTorch.",
        discussion: """
            4 layers, width 256, 4 heads, sequence 128, vocabulary 256, batch 8 over all ranks, AdamW, no dropout, no \
            clipping, Float32, on both sides. PyTorch gets its fused attention and its fused AdamW.
            """)

    @OptionGroup var options: RoundOptions

    /// Who takes part: which of ours against which of theirs.
    private enum Place: CaseIterable {
        case oneThread, twoThreads, twoRanks

        var ranks: Int { self == .twoRanks ? 2 : 1 }
        var threads: Int { self == .twoThreads ? 2 : 1 }
        var what: String {
            switch self {
            case .oneThread: "1 rank, 1 thread"
            case .twoThreads: "1 rank, 2 threads"
            case .twoRanks: "2 ranks, 1 thread"
            }
        }
    }

    func report() throws -> Report {
        let workload = Workload.standardGPT
        let peers = try options.makePeers()
        let ours = try Place.allCases.map { try Stepper.ours(workload, ranks: $0.ranks, threads: $0.threads) }
        let theirs = try peers.map { peers in
            try Place.allCases.map { try Self.rivals(in: $0, of: workload, peers) }
        }
        let rivals = theirs ?? Place.allCases.map { _ in [] }
        let peaks = [MatmulPeak(threads: 1), MatmulPeak(threads: 2)]
        let contest = try StepContest(
            of: ours + rivals.flatMap { $0 }, rounds: options.roundCount, turnSeconds: options.turnSeconds,
            beside: peaks.map { peak in { peak.seconds() } })
        return GPTStandings(contest, rivalsOfPlaces: rivals.map(\.count)).report(
            places: Place.allCases.map(\.what), rounds: options.roundCount)
    }

    private static func rivals(
        in place: Place, of workload: Workload, _ peers: PeerEnvironment
    ) throws -> [Stepper] {
        guard place != .twoRanks else { return [try .torch(workload, ranks: 2, in: peers)] }
        return try [false, true].map { try .torch(workload, threads: place.threads, compiled: $0, in: peers) }
    }
}
