import Checkpoints
import DiskSimulation
import Files
import Runs
import Stopping
import SystemPackage
import Training

// What sets and requests have to be there after a launch.

extension Trial {
    /// Of the sets that are followed, those of a schedule make room.
    func follow(_ set: PublishedRecord) {
        branch.append(set)
        guard scheduled.count > scenario.keep, let oldest = scheduled.first else { return }
        branch.removeAll { $0.id == oldest.id }
    }

    private var scheduled: [PublishedRecord] { branch.filter { Ghost.isScheduled($0.name) } }

    /// From now on sets follow the one that a launch carries on from, which may be one that nobody could say was published.
    func goBack(to report: RankReport, named name: String?) {
        guard let id = report.resumedID, let name, let step = report.resumedStep else { return branch = [] }
        if let index = branch.lastIndex(where: { $0.id == id }) {
            branch.removeSubrange((index + 1)...)
        } else if let index = published.lastIndex(where: { $0.id == id }) {
            // Of a branch that was left, and is gone back to.
            branch = [published[index]]
        } else {
            follow(PublishedRecord(id: id, name: name, step: step))
        }
    }

    /// A launch that ends with 0 has made every set of its schedule.
    func checkSchedule(_ launch: TrialLaunch, _ outcome: RunOutcome) {
        guard let interval = scenario.saveEvery else { return }
        let begin = launch.reports[0].resumedStep ?? 0
        let due = stride(from: begin - begin % interval + interval, through: outcome.position.step, by: interval)
        guard let missing = due.first(where: { step in !launch.published.contains { $0.step == step } }) else { return }
        violates(.scheduleIsKept, "launch \(launch.number + 1) has saved nothing after step \(missing)")
    }

    /// The sets that retention keeps of those that the newest one follows are there.
    func checkKept() {
        guard !hasRot, scenario.keepEvery == nil else { return }
        let directory = CheckpointDirectory(FilePath(Self.directory), fileSystem: disk.snapshot(), key: key)
        for set in scheduled {
            guard (try? directory.manifest(named: set.name))?.id != set.id else { continue }
            violates(
                .retentionHolds, "\(set.name) of step \(set.step) is gone, which is one of the \(scenario.keep) last")
        }
    }

    /// Whoever asked for a stop is answered by one, or the request still lies there.
    func checkPending(_ launch: TrialLaunch) {
        if launch.hasSavedExit { settleRequests() }
        guard !launch.hasSavedExit, !hasLostPower, launch.reports[0].outcome == nil else { return }
        let directory = HaltDirectory(ofRun: FilePath(Self.directory), files: disk.snapshot())
        let pending = Set(((try? directory.ids()) ?? []).map(\.text))
        let gone = requests.indices.filter { index in
            let request = requests[index]
            return request.answers.isEmpty && !request.isWithdrawn && !request.isSettled
                && !pending.contains(request.id)
        }
        guard let first = gone.first else { return }
        // The first rank was killed between publishing and saying so; the others go on as after any set of a stop.
        guard !hasUnsaidExit(since: launch) else {
            for index in gone { requests[index].isSettled = true }
            return
        }
        violates(
            .requestsAreAnsweredOnce,
            "halt request \(requests[first].id) is gone, and launch \(launch.number + 1) has not saved")
    }

    /// All that asked are answered by a stop that is saved, also where a kill keeps it from saying which of them was the reason.
    func settleRequests() {
        for index in requests.indices where requests[index].answers.isEmpty { requests[index].isSettled = true }
    }

    /// Whether there is a whole set of a stop or the end that a launch has made, though nobody has said that it is published.
    private func hasUnsaidExit(since launch: TrialLaunch) -> Bool {
        let known = Set(published.map(\.id)).union(launch.exitsBefore)
        let files = disk.snapshot()
        return exits(on: files).contains { !known.contains($0.id) && isWhole($0, on: files) }
    }

    /// The ids of the sets of stops and ends that are there.
    var exitIDs: Set<String> { Set(exits(on: disk.snapshot()).map(\.id)) }

    /// The sets of stops and ends that are there, whole or not.
    private func exits(on files: any FileSystem) -> [Manifest] {
        let directory = CheckpointDirectory(FilePath(Self.directory), fileSystem: files, key: key)
        return (try? directory.list { !Ghost.isScheduled($0) }.manifests) ?? []
    }

    /// A run that has saved knows how long that takes, and begins its last save so early before its deadline.
    func checkDeadline(_ launch: TrialLaunch) {
        // One in the background does not tell how long a run waits for one at its end; a network that becomes slow lets a step take
        // longer than any before it.
        guard let end = launch.deadlineEnd, launch.excuses.isEmpty, launch.hasSavedExit, launch.slowness == nil,
            scenario.saving != .inBackground, let last = launch.published.last,
            let scheduled = launch.published.dropLast().last,
            // Else one more of the schedule may have come between.
            scheduled.step < last.step - 2, let slowest = launch.published.dropLast().map(\.duration).max()
        else { return }
        let planned = last.end - last.duration + slowest
        guard planned > end + slowest * 0.3 + .milliseconds(100) else { return }
        violates(
            .deadlinesAreKept,
            "launch \(launch.number + 1) begins its last save \(end - (last.end - last.duration)) before its deadline, and one "
                + "has taken \(slowest)")
    }
}
