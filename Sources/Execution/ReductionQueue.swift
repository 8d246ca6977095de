import Collectives
import Graphs

/// The reductions of a program, which start and are awaited in one order on all ranks.
///
/// MPI moves a message only while the program is in an MPI call; ``advance()`` between two kernels is that call.
final class ReductionQueue {
    private let requests: [any AllReduceRequest]
    private let profile: Profile?
    private let labels: [ProfileLabel]
    private var starts: [ContinuousClock.Instant] = []
    private var started = 0
    private var finished = 0

    /// Makes a queue; with a profile it records, under `labels`, how long each reduction was under way.
    init(_ requests: [any AllReduceRequest], profile: Profile?, labels: [ProfileLabel]) {
        self.requests = requests
        self.profile = profile
        self.labels = labels
    }

    func reset() {
        started = 0
        finished = 0
        if profile != nil { starts.removeAll(keepingCapacity: true) }
    }

    func startNext() throws(CollectiveError) {
        if let profile { starts.append(profile.now) }
        try requests[started].start()
        started += 1
    }

    func wait(upTo index: Int) throws(CollectiveError) {
        while finished <= index {
            try requests[finished].wait()
            noteEnd()
        }
    }

    /// Moves what is under way a little forward, without waiting.
    func advance() throws(CollectiveError) {
        while finished < started, try requests[finished].test() { noteEnd() }
    }

    private func noteEnd() {
        if let profile, profile.isRecording {
            profile.record(labels[finished], on: .network, from: starts[finished])
        }
        finished += 1
    }
}
