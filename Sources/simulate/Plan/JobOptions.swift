import ArgumentParser
import Goodput
import Terminal

/// What the job is and costs. What is not given is taken from a run that is named, or else from the defaults.
struct JobOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take ranks, state, step and save from what a run left in its directory; options win over it.",
            valueName: "dir"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "The --history of that run, which knows the time of a step best. (default: history.jsonl in its directory, if there)",
            valueName: "file"))
    var history: String?

    @Option(help: ArgumentHelp("Ranks of the job. (default: 64)", valueName: "n"))
    var ranks: Int?

    @Option(help: ArgumentHelp("Ranks on each host. (default: 8)", valueName: "n"))
    var ranksPerHost: Int?

    @Option(help: ArgumentHelp("The time of a step. (default: 1s)", valueName: "duration"))
    var step: TimeSpan?

    @Option(
        help: ArgumentHelp("What all ranks save together, on any number of ranks. (default: 20GB)", valueName: "size"))
    var state: ByteSize?

    @Option(help: ArgumentHelp("What each rank saves, where the network grows with the ranks.", valueName: "size"))
    var statePerRank: ByteSize?

    @Option(
        help: ArgumentHelp("How fast the shared storage is for all hosts together. (default: 2GB/s)", valueName: "size")
    )
    var sharedBandwidth: ByteSize?

    @Option(help: ArgumentHelp("How fast the network of a host is. (default: 1.25GB/s)", valueName: "size"))
    var hostBandwidth: ByteSize?

    @Option(help: ArgumentHelp("How fast the disk of a host is. (default: 1GB/s)", valueName: "size"))
    var localBandwidth: ByteSize?

    @Option(help: ArgumentHelp("How fast a host copies in memory. (default: 5GB/s)", valueName: "size"))
    var memoryBandwidth: ByteSize?

    @Option(help: ArgumentHelp("What a save takes beside its bytes. (default: 0.5s)", valueName: "duration"))
    var saveOverhead: TimeSpan?

    @Option(
        help: ArgumentHelp("From a failure until the job is known to have ended. (default: 30s)", valueName: "duration")
    )
    var detect: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "From there to the first step, without reading the state. (default: 60s)", valueName: "duration"))
    var restart: TimeSpan?

    @Option(help: ArgumentHelp("By how much that grows with every 1000 ranks. (default: 5s)", valueName: "duration"))
    var restartPerThousand: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "From the notice that machines will be taken until they are. (default: 2m)", valueName: "duration"))
    var notice: TimeSpan?

    func validate() throws {
        guard state == nil || statePerRank == nil else {
            throw ValidationError("give one of --state and --state-per-rank, not both")
        }
        guard history == nil || from != nil else {
            throw ValidationError("--history needs --from, which says whose it is")
        }
    }

    /// Puts what is given into a request.
    func apply(to request: inout PlanRequest) {
        request.ranks = ranks ?? request.ranks
        request.costs.ranksPerHost = ranksPerHost ?? request.costs.ranksPerHost
        if let state { request.costs.state = .total(bytes: state.bytes) }
        if let statePerRank { request.costs.state = .perRank(bytes: statePerRank.bytes) }
        let times: [(TimeSpan?, WritableKeyPath<JobCosts, Double>)] = [
            (step, \.stepSeconds), (saveOverhead, \.saveOverheadSeconds), (detect, \.detectionSeconds),
            (restart, \.restartSeconds), (restartPerThousand, \.restartSecondsPerThousandRanks),
            (notice, \.noticeSeconds),
        ]
        for case (let time?, let place) in times { request.costs[keyPath: place] = time.duration / .seconds(1) }
        let bandwidths: [(ByteSize?, WritableKeyPath<JobCosts, Double>)] = [
            (sharedBandwidth, \.sharedBandwidth), (hostBandwidth, \.hostBandwidth),
            (localBandwidth, \.localBandwidth), (memoryBandwidth, \.copyBandwidth),
        ]
        for case (let size?, let place) in bandwidths { request.costs[keyPath: place] = size.bytes }
    }
}
