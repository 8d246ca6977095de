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
        // All that asked are answered by it, also where a kill has kept it from saying which of them was the reason.
        if launch.hasSavedExit {
            for index in requests.indices where requests[index].answers.isEmpty { requests[index].isSettled = true }
        }
        guard !launch.hasSavedExit, !hasLostPower, launch.reports[0].outcome == nil else { return }
        let directory = HaltDirectory(ofRun: FilePath(Self.directory), files: disk.snapshot())
        let pending = Set(((try? directory.ids()) ?? []).map(\.text))
        for request in requests where request.answers.isEmpty && !request.isWithdrawn && !request.isSettled {
            guard !pending.contains(request.id) else { continue }
            violates(
                .requestsAreAnsweredOnce,
                "halt request \(request.id) is gone, and launch \(launch.number + 1) has not saved")
        }
    }

    /// A run that has saved knows how long that takes, and leaves time for it before its deadline.
    func checkDeadline(_ launch: TrialLaunch) {
        guard let end = launch.deadlineEnd, launch.excuses.isEmpty, launch.hasSavedExit,
            let last = launch.published.last, let scheduled = launch.published.dropLast().last,
            // Else one more of the schedule may have come between.
            scheduled.step < last.step - 2, let slowest = launch.published.dropLast().map(\.duration).max()
        else { return }
        // The first set of its name has folders to make, which the others had not.
        guard last.end > end + slowest * 1.3 else { return }
        violates(.deadlinesAreKept, "launch \(launch.number + 1) has saved \(last.end - end) after its deadline")
    }
}
