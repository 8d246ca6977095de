package import Collectives
package import Files
import Synchronization

/// The watchdog of one rank, without its thread: told the time again and again, it says what to do.
package final class HangWatch: Sendable {
    /// What to do.
    package enum Verdict: Equatable {
        case goOn
        /// Say this, then leave.
        case report(String)
        case leave
    }

    private enum Phase {
        case watching
        /// The ranks leave their reports.
        case collecting(since: Duration, beats: Int)
        /// A lower rank is to say what all have reported.
        case leaving(since: Duration)
    }

    private struct State {
        var timer: HangTimer
        var phase = Phase.watching
        /// What was watched last.
        var target: Whereabouts?

        mutating func restart() {
            timer.reset()
            phase = .watching
        }
    }

    private let crew: HangCrew
    private let timeout: Duration
    private let log: CollectiveLog
    private let folder: HangFolder
    private let table: ProcessTable
    /// What is to be watched: a lock of its own, for a tick may take as long as a disk does.
    private let target = Mutex<Whereabouts?>(nil)
    private let state: Mutex<State>

    /// How long others have to report: they began to wait at nearly the same time.
    private let patience: Duration

    package init(
        _ crew: HangCrew, timeout: Duration, interval: Duration, log: CollectiveLog, folder: HangFolder,
        table: ProcessTable
    ) {
        self.crew = crew
        self.timeout = timeout
        self.log = log
        self.folder = folder
        self.table = table
        patience = min(max(timeout / 2, .seconds(1)), .seconds(10))
        state = Mutex(State(timer: HangTimer(timeout: timeout, interval: interval)))
    }

    /// Watches from now on; nil for nothing.
    package func watch(_ target: Whereabouts?) {
        self.target.withLock { $0 = target }
    }

    /// What to do at this time; one thread asks.
    package func tick(at now: Duration) -> Verdict {
        let target = target.withLock { $0 }
        return state.withLock { state in
            if state.target !== target { state.restart() }
            state.target = target
            guard let place = target?.place else { return .goOn }
            switch state.phase {
            case .watching:
                guard state.timer.isHung(at: now, beats: place.beats) else { return .goOn }
                leaveReport(place)
                state.phase = .collecting(since: now, beats: place.beats)
                return .goOn
            case .collecting(let begin, let beats):
                guard place.beats == beats else {
                    state.restart()
                    return .goOn
                }
                return collect(at: now, since: begin, beats, &state)
            case .leaving(let begin):
                return now - begin >= patience ? .leave : .goOn
            }
        }
    }

    /// Without a disk it still reports: the others then say that it is silent.
    private func leaveReport(_ place: Whereabouts.Place) {
        let traced = crew.neighbours.filter { table.isTraced($0.value.process) }.keys.sorted()
        try? folder.leave(HangReport(run: crew.run, rank: crew.rank, place: place, log: log, traced: traced))
    }

    private func collect(at now: Duration, since begin: Duration, _ beats: Int, _ state: inout State) -> Verdict {
        let peers = crew.peers
        let reports = folder.reports(of: crew.run, ranks: peers.count, beats: beats)
        guard reports.count == peers.count || now - begin >= patience else { return .goOn }
        guard reports.allSatisfy(\.traced.isEmpty) else {
            state.restart()
            return .goOn
        }
        guard reports.first.map({ $0.rank < crew.rank }) ?? false else {
            let block = HangBlock(reports, peers: peers, timeout: timeout) { peer in
                peer.host == peers[crew.rank].host
                    ? "\(table.silence(of: peer.process)) (\(peer))" : "it is \(peer), which cannot be seen from here"
            }
            return .report(block.description)
        }
        state.phase = .leaving(since: now)
        return .goOn
    }
}
