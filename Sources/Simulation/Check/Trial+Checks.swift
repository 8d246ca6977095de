import Checkpoints
import DiskSimulation
import Files
import Records
import Runs
import Stopping
import SystemPackage
import Training

extension Trial {
    /// What must hold after a launch.
    func check(_ launch: TrialLaunch) {
        removeConfigFile()
        if !launch.excuses.isEmpty { disturbedCount += 1 }
        checkSecrecy()
        checkOwnInvariants()
        checkResumption(launch)
        checkAgreement(launch)
        checkKept()
        checkPending(launch)
        guard launch.isWhole else { return }
        checkCodes(launch)
        let outcomes = launch.reports.compactMap(\.outcome)
        guard let outcome = outcomes.first, outcomes.count == launch.ranks else { return }
        checkRequests(launch, outcome)
        checkSaved(launch, outcome)
        checkSchedule(launch, outcome)
        checkDeadline(launch)
    }

    /// A set that was said to be published is what a run carries on from, or a later one.
    private func checkResumption(_ launch: TrialLaunch) {
        let begun = launch.reports.filter(\.hasBegun)
        guard let first = begun.first else { return }
        if let other = begun.first(where: { $0.resumedStep != first.resumedStep }) {
            violates(
                .theNewestIsCarriedOn,
                "ranks of launch \(launch.number + 1) begin at \(text(first.resumedStep)) and \(text(other.resumedStep))"
            )
        }
        // A set that a disk does not give back as it was is passed over.
        guard !launch.excuses.contains(.disk), launch.reports[0].hasBegun,
            let expected = launch.older ?? launch.publishedBefore
        else { return }
        let isLater = launch.older == nil && !published.contains { $0.id == first.resumedID }
        guard first.resumedStep != nil, first.resumedID == expected.id || isLater else {
            return violates(
                .theNewestIsCarriedOn,
                "launch \(launch.number + 1) begins at \(text(first.resumedStep)) and not at \(expected.name) of step "
                    + "\(expected.step)")
        }
    }

    private func text(_ step: Int?) -> String { step.map { "step \($0)" } ?? "the beginning" }

    private func checkOwnInvariants() {
        for (name, invariant) in scenario.invariants.sorted(by: { $0.key < $1.key }) {
            guard let found = invariant(operatorSnapshot, FilePath(Self.directory)) else { continue }
            violates(.own, "\(name): \(found)")
        }
    }

    private func checkAgreement(_ launch: TrialLaunch) {
        let steps = Set(launch.reports.compactMap { $0.outcome?.position.step })
        guard steps.count > 1 else { return }
        violates(.allStopTogether, "ranks of launch \(launch.number + 1) stop after steps \(steps.sorted())")
    }

    private func checkCodes(_ launch: TrialLaunch) {
        if let rank = launch.reports.indices.first(where: {
            launch.processes.ends[$0] == .exited(ExitStatus.success.rawValue) && launch.reports[$0].error != nil
        }) {
            violates(.allEndAlike, "rank \(rank) ends with 0 and an error: \(launch.reports[rank].error ?? "")")
        }
        let codes = Set(
            launch.processes.ends.compactMap { end -> Int32? in
                guard case .exited(let code)? = end else { return nil }
                return code
            })
        let name = "launch \(launch.number + 1)"
        if codes.count > 1 { violates(.allEndAlike, "\(name) ends with codes \(codes.sorted())") }
        var allowed: Set = [ExitStatus.success]
        if launch.excuses.contains(.disk) { allowed.formUnion([.failure, .saveFailed, .configuration]) }
        // One that is to stop as well has not saved.
        if launch.excuses.contains(.failures) { allowed = [.failure, .saveFailed] }
        // It may have waited for the other one in vain.
        if launch.excuses.contains(.company) { allowed.insert(.failure) }
        if launch.excuses.contains(.delays), scenario.hasWatchdog { allowed.insert(.noProgress) }
        if launch.excuses.contains(.disk), scenario.hasWatchdog { allowed.insert(.noProgress) }
        if let code = codes.first(where: { !allowed.map(\.rawValue).contains($0) }) {
            let errors = launch.reports.compactMap(\.error).first ?? "no error"
            violates(.allEndAlike, "\(name) ends with code \(code): \(errors)")
        }
    }

    private func checkRequests(_ launch: TrialLaunch, _ outcome: RunOutcome) {
        let step = outcome.position.step
        // A signal that comes before training begins stops it after its first step.
        let first = launch.reports.compactMap(\.resumedStep).max() ?? 0
        if let signalled = launch.signalled, step > max(signalled, first) + 2 {
            violates(
                .requestsAreHeard,
                "launch \(launch.number + 1) got a signal after step \(signalled) and ended after step \(step)")
        }
        if let called = launch.called, step > called {
            violates(
                .requestsAreHeard,
                "a callback of launch \(launch.number + 1) asked after step \(called), and it ended after step \(step)")
        }
        guard let id = outcome.stop?.record.haltRequest else { return }
        guard let index = requests.firstIndex(where: { $0.id == id }) else {
            return violates(
                .requestsAreAnsweredOnce, "launch \(launch.number + 1) stopped by a request \(id) of nobody")
        }
        requests[index].answers.append(launch.number)
        if requests[index].answers.count > 1 {
            let launches = requests[index].answers.map { "\($0 + 1)" }.joined(separator: ", ")
            violates(.requestsAreAnsweredOnce, "halt request \(id) stopped launches \(launches)")
        }
    }

    private func checkSaved(_ launch: TrialLaunch, _ outcome: RunOutcome) {
        guard outcome.isComplete || outcome.stop != nil, outcome.position.step > 0 else { return }
        let sets = wholeSets(on: disk.durableSnapshot())
        guard !sets.contains(where: { $0.checkpoint.progress.step == outcome.position.step }) else { return }
        violates(
            .stopsAreSaved,
            "launch \(launch.number + 1) ended after step \(outcome.position.step), of which no whole set is on stable storage"
        )
    }

    /// What must hold at the end of the run.
    func checkEnd() {
        // What a launch that failed has left may not have been seen by the next one, on another host; and each fault of the disk can
        // keep one more from removing it.
        for _ in 0...scenario.diskFaults.count where leftover != nil { runOnceMore() }
        if let leftover { violates(.nothingIsLeft, "\(leftover) is left") }
        let sets = names.filter { Ghost.isScheduled($0) && $0.hasSuffix(".manifest.json") }
        // What retention could not see or finish to delete waits for the next save.
        let kept = scenario.keepEvery.map { scenario.steps / $0 + 1 } ?? scenario.keep
        guard sets.count > kept + disturbedCount else { return }
        violates(.retentionHolds, "\(sets.count) sets are left: \(sets)")
    }

    private var names: [String] { (try? operatorSnapshot.names(in: FilePath(Self.directory))) ?? [] }

    private var leftover: String? { hidden(in: FilePath(Self.directory), on: operatorSnapshot) }

    /// What is hidden in a folder or below it, where files of sets can lie: the next launch promises to remove it.
    private func hidden(in folder: FilePath, on files: any FileSystem) -> String? {
        for name in (try? files.names(in: folder)) ?? [] where !["halt", "hang"].contains(name) {
            if name.hasPrefix(".") { return folder.appending(name).string }
            // A set whose manifest has rotted keeps what may be its files.
            if !hasRot, let found = hidden(in: folder.appending(name), on: files) { return found }
        }
        return nil
    }

    private var operatorSnapshot: any FileSystem { disk.snapshot() }
}
