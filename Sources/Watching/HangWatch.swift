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
        /// The ranks have left their reports.
        case reported(Waiting)
    }

    /// What a rank knows since it has left its report. One reads those of all and leaves what it finds for the others: what a
    /// hang costs grows with the ranks, and not with their square.
    private struct Waiting {
        let begin: Duration
        let beats: Int
        /// Whether this is the rank that reads: the first one, or the lowest that has reported if that one says nothing for
        /// too long.
        var isReader: Bool
        /// Whether it has been too long.
        var isLate = false
        /// What it has read.
        var reports: [Int: HangReport] = [:]
        /// When this rank saw that all is read.
        var told: Duration?
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
                state.phase = .reported(Waiting(begin: now, beats: place.beats, isReader: crew.rank == 0))
                return .goOn
            case .reported(var waiting):
                guard place.beats == waiting.beats, let verdict = verdict(at: now, &waiting) else {
                    state.restart()
                    return .goOn
                }
                state.phase = .reported(waiting)
                return verdict
            }
        }
    }

    /// Without a disk it still reports: the others then say that it is silent.
    private func leaveReport(_ place: Whereabouts.Place) {
        let traced = crew.neighbours.filter { table.isTraced($0.value.process) }.keys.sorted()
        try? folder.leave(HangReport(run: crew.run, rank: crew.rank, place: place, log: log, traced: traced))
    }

    /// What to do with what is known by now; nil if a debugger holds a rank.
    private func verdict(at now: Duration, _ waiting: inout Waiting) -> Verdict? {
        if !waiting.isLate, now - waiting.begin >= patience {
            waiting.isLate = true
            waiting.isReader = !(0..<crew.rank).contains { report(of: $0, beats: waiting.beats) != nil }
        }
        return waiting.isReader ? read(&waiting) : hear(&waiting, at: now)
    }

    private func report(of rank: Int, beats: Int) -> HangReport? {
        folder.report(ofRank: rank, of: crew.run, ranks: crew.count, beats: beats)
    }

    private func read(_ waiting: inout Waiting) -> Verdict? {
        for rank in 0..<crew.count where waiting.reports[rank] == nil {
            waiting.reports[rank] = report(of: rank, beats: waiting.beats)
        }
        let reports = Array(waiting.reports.values)
        guard reports.count == crew.count || waiting.isLate else { return .goOn }
        let traced = Set(reports.flatMap(\.traced)).sorted()
        try? folder.leave(HangFinding(run: crew.run, beats: waiting.beats, traced: traced))
        return traced.isEmpty ? .report(block(of: reports)) : nil
    }

    private func hear(_ waiting: inout Waiting, at now: Duration) -> Verdict? {
        if let finding = folder.finding(of: crew.run, beats: waiting.beats) {
            // One of a debugger may be left from an earlier time until the reader has had its time.
            if !finding.traced.isEmpty, waiting.isLate { return nil }
            if finding.traced.isEmpty { waiting.told = waiting.told ?? now }
        }
        return now - (waiting.told ?? waiting.begin + patience) >= patience ? .leave : .goOn
    }

    private func block(of reports: [HangReport]) -> String {
        let peers = crew.peers
        return HangBlock(reports, peers: peers, timeout: timeout) { peer in
            peer.host == peers[crew.rank].host
                ? "\(table.silence(of: peer.process)) (\(peer))" : "it is \(peer), which cannot be seen from here"
        }.description
    }
}
