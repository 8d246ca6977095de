package import Files
import Glibc
package import Logging
import Synchronization

/// Answers those who ask again by a signal: what the run is doing about the first request, and how to force the end.
///
/// Repetition does no harm, so until the ranks have agreed only a second SIGINT is answered, which comes from a person who is
/// waiting; after that, every signal is. A thread answers: the main one may be waiting for a disk.
package final class RepeatedRequests: Sendable {
    private let state = Mutex(State())
    private let logger: Logger
    private let rank: Int

    private struct State {
        var doing = "the step under way is being finished"
        var isAgreed = false
        var seen = ReceivedSignals.total.count
    }

    private init(rank: Int, logger: Logger) {
        self.rank = rank
        self.logger = logger
    }

    /// Begins to answer, until the poll is released.
    package static func listen(
        rank: Int, logger: Logger, in surroundings: any Surroundings
    ) -> (answers: RepeatedRequests, poll: BackgroundPoll) {
        let answers = RepeatedRequests(rank: rank, logger: logger)
        let poll = BackgroundPoll("repeated requests", every: .milliseconds(100), in: surroundings) { answers.look() }
        return (answers, poll)
    }

    /// From now on the request is answered: all ranks have agreed on it.
    package func noteAgreement(on stop: AgreedStop) {
        let total = ReceivedSignals.total.count
        state.withLock { state in
            state.doing = "all ranks have stopped after step \(stop.step ?? 0), and their state is being saved"
            // The request that was agreed on is no repetition.
            if !state.isAgreed { state.seen = total }
            state.isAgreed = true
        }
    }

    private func look() {
        let (count, latest, sender) = ReceivedSignals.total
        let doing = state.withLock { state -> String? in
            guard count > state.seen, state.isAgreed || (latest == SIGINT && count - state.seen > 1) else { return nil }
            state.seen = count
            return state.doing
        }
        // What mpirun hands on comes to all ranks at once: one answer is enough.
        guard let doing, rank == 0 || sender != getppid() else { return }
        logger.log(
            level: rank == 0 ? .notice : .error,
            "rank \(rank) is asked again (\(SignalName.text(of: latest))): \(doing); SIGQUIT leaves at once instead")
    }
}
