package import Foundation
package import Records
import Stopping

/// Where the time of a run went, over all its launches.
package struct RunAccount: Codable, Equatable {
    /// How a launch ended, as far as that is known.
    package enum Ending: String, Codable {
        /// It has not: it goes on.
        case running
        /// All steps are made.
        case finished
        /// It was asked to stop, and has said goodbye.
        case stopped
        /// An error ended it.
        case failed
        /// Nothing says so: its processes were killed, or their machine was lost.
        case killed
        /// Nothing says so, and who asks may not see whether it goes on.
        case unknown
    }

    /// A launch.
    package struct Launch: Codable, Equatable {
        package let launch: String
        package let ranks: Int
        package let host: String
        /// When it began, and when it was last heard of.
        package let began: Date
        package let lastSign: Date
        package let elapsed: Double
        /// Of that, after its last step before an agreed stop.
        package let stopping: Double
        /// The steps made before it, and when it was last heard of; nil if it made none.
        package let first: Int?
        package let step: Int?
        package let seconds: AccountSeconds
        package let ending: Ending
        /// Why it ended.
        package let reason: String?
        package let requestingRank: Int?
        package let request: StopRecord?
        package let error: String?
        /// What its end has cost, if there is a launch after it.
        package internal(set) var cost: Cost?
    }

    /// What an end of a launch has cost until the run was as far as before, in seconds.
    package struct Cost: Codable, Equatable {
        /// From the last step before it to the end, as for a save.
        package let stopping: Double
        /// From the end, or the last sign of life, to the beginning of the next launch.
        package let away: Double
        /// From there to its first step.
        package let starting: Double
        /// On steps that were made before and lost; how many these are.
        package let repeating: Double
        package let lostSteps: Int

        package var total: Double { stopping + away + starting + repeating }
    }

    /// A rank that was slow.
    package struct Straggler: Codable, Equatable {
        package let launch: String
        package let rank: Int
        package let host: String
        /// How many times the median it took when it was found.
        package let factor: Double
        package let from: Date
        /// When it was slow no more; nil if that was not seen.
        package internal(set) var until: Date?
    }

    package let run: String?
    package internal(set) var launches: [Launch] = []
    package internal(set) var stragglers: [Straggler] = []
    /// All launches together.
    package internal(set) var seconds = AccountSeconds()
    /// Between a launch that failed or was killed and the next one, in seconds.
    package internal(set) var restarting = 0.0
    /// Between a launch that was stopped or had finished and the next one.
    package internal(set) var idle = 0.0
    /// In launches, none of the other parts.
    package internal(set) var other = 0.0
    /// All of it, from the first launch's beginning to the last sign of life.
    package internal(set) var total = 0.0
    /// Launches of other runs in the same directory, which are left out.
    package let otherLaunches: Int
    /// Lines of the account that cannot be read; a last one that a kill has cut off is not among them.
    package let unreadable: Int
    package let isTorn: Bool

    /// The share of the time that went into steps that stay.
    package var goodput: Double { total > 0 ? seconds.productive / total : 0 }
}

extension RunAccount {
    /// Adds up what an account says of the run that its last launch belongs to; nil if it says nothing.
    ///
    /// - Parameter isRunning: Whether a run goes on in the directory now; nil if that cannot be told.
    package init?(_ contents: AccountFile.Contents, isRunning: Bool?) {
        var (groups, places) = ([[AccountEntry]](), [String: Int]())
        for entry in contents.entries {
            if let place = places[entry.launch] {
                groups[place].append(entry)
            } else {
                places[entry.launch] = groups.count
                groups.append([entry])
            }
        }
        guard !groups.isEmpty else { return nil }
        // A launch that did not come to a step belongs to the run that goes on after it, or else to the one before.
        let runs = groups.map { $0.last?.run }
        let run = runs.compactMap { $0 }.last
        let first = runs.firstIndex(of: run).map { index in
            (runs[..<index].lastIndex { $0 != nil }).map { $0 + 1 } ?? 0
        }
        let own = groups.indices.filter { $0 >= first ?? 0 && (runs[$0] == nil || runs[$0] == run) }
        self.init(
            run: run, otherLaunches: groups.count - own.count, unreadable: contents.unreadable,
            isTorn: contents.isTorn)
        for index in own { add(groups[index], isRunning: index == groups.count - 1 ? isRunning : false) }
        addUp()
    }

    private mutating func add(_ entries: [AccountEntry], isRunning: Bool?) {
        guard let first = entries.first, let last = entries.last else { return }
        let stopped = entries.first { $0.kind == .stopping }?.elapsed
        var seconds = last.seconds
        // All that it did was to begin.
        if last.first == nil { seconds.starting = last.elapsed }
        let state = entries.last { $0.kind == .end }?.state
        let ending: Ending =
            switch state {
            case .finished: .finished
            case .stopped: .stopped
            case nil: isRunning.map { $0 ? .running : .killed } ?? .unknown
            default: .failed
            }
        launches.append(
            Launch(
                launch: first.launch, ranks: first.ranks, host: first.host,
                began: Date(timeIntervalSince1970: first.time - first.elapsed),
                lastSign: Date(timeIntervalSince1970: last.time), elapsed: last.elapsed,
                stopping: stopped.map { max(last.elapsed - $0, 0) } ?? 0, first: last.first, step: last.step,
                seconds: seconds, ending: ending, reason: last.reason,
                requestingRank: last.requestingRank, request: last.request, error: last.error, cost: nil))
        add(stragglers: entries)
    }

    private mutating func add(stragglers entries: [AccountEntry]) {
        for entry in entries {
            guard let slow = entry.slow else { continue }
            let time = Date(timeIntervalSince1970: entry.time)
            if entry.kind == .slow {
                stragglers.append(
                    Straggler(
                        launch: entry.launch, rank: slow.rank, host: slow.host, factor: slow.factor, from: time,
                        until: nil))
            } else if let index = stragglers.lastIndex(where: { $0.launch == entry.launch && $0.rank == slow.rank }) {
                stragglers[index].until = time
            }
        }
    }

    private mutating func addUp() {
        for index in launches.indices {
            let launch = launches[index]
            seconds = seconds + launch.seconds
            other += max(launch.elapsed - launch.seconds.all.reduce(0, +), 0)
            total += launch.elapsed
            guard index + 1 < launches.count else { break }
            let next = launches[index + 1]
            // Clocks of hosts differ, and may be set back.
            let gap = max(next.began.timeIntervalSince(launch.began) - launch.elapsed, 0)
            total += gap
            let wasAsked = [.stopped, .finished].contains(launch.ending)
            if wasAsked { idle += gap } else { restarting += gap }
            let (lostSteps, repeating) = loss(ofLaunch: index)
            launches[index].cost = Cost(
                stopping: launch.stopping, away: gap, starting: next.seconds.starting, repeating: repeating,
                lostSteps: lostSteps)
        }
    }

    /// The steps of a launch that the next one to make steps had to make again, and the part of its time for that: it may also make
    /// some again that others had lost.
    private func loss(ofLaunch index: Int) -> (steps: Int, seconds: Double) {
        guard let heir = launches[(index + 1)...].first(where: { $0.first != nil }), let first = heir.first else {
            return (0, 0)
        }
        let lost = max((launches[index].step ?? 0) - first, 0)
        let furthest = launches[...index].compactMap(\.step).max() ?? 0
        let again = min(furthest, heir.step ?? first) - first
        return (lost, again > 0 ? heir.seconds.repeated * Double(min(lost, again)) / Double(again) : 0)
    }
}
