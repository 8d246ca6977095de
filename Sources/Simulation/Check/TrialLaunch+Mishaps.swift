import DiskSimulation
import Files
import Foundation
import RandomTestKit
import Stopping
import SurroundingsTestKit
import SystemPackage

extension TrialLaunch {
    /// Lets something befall the launch, between two turns.
    func strike(_ mishap: Mishap) {
        guard canStrike(mishap.kind) else { return }
        note("\(mishap.kind)")
        trial.coverage.note(mishap.kind.name, in: phase)
        trial.noteDrills(drills(for: mishap.kind), launch: number)
        let now = trial.scheduler.time
        switch mishap.kind {
        case .kill(let rank): processes.kill(rank)
        case .loseHost(let host): lose(host)
        case .loseLauncher: loseLauncher()
        case .powerFailure: failPower()
        case .signal(let rank): askBySignal(rank)
        case .endedByLauncher(let grace):
            for rank in 0..<ranks { askBySignal(rank) }
            endOthers(after: .zero, grace: .seconds(grace))
        case .notice(let seconds): giveNotice(seconds)
        case .call(let rank): calling = rank
        case .halt(let moment): leaveHalt(moment)
        case .withdrawal: withdrawHalts()
        case .configFile: writeConfigFile()
        case .pause(let rank, let seconds):
            excuses.insert(.delays)
            trial.scheduler.pause(process: processes.process(of: rank), until: now + .seconds(seconds))
        case .slowNetwork(let seconds): slowness = (now + .seconds(seconds * 4), seconds)
        case .cut(let host, let seconds):
            excuses.insert(.delays)
            cuts[host] = now + .seconds(seconds)
        case .split(let host, let seconds):
            excuses.insert(.delays)
            split = (host, now + .seconds(seconds))
        case .slowRank(let rank): stepTimes[rank] *= 20
        case .stall(let rank):
            excuses.insert(.delays)
            stalling = rank
        case .overlap: if trial.launches.count == 1 { trial.startLaunch() }
        case .failure(let rank): failing = rank
        case .shiftClock(let host, let seconds): shiftClock(of: host, by: seconds)
        }
    }

    /// Whether the launch has the rank, or hosts on both sides: else nothing happens, and nothing is to be counted.
    private func canStrike(_ kind: Mishap.Kind) -> Bool {
        switch kind {
        case .kill(let rank), .signal(let rank), .call(let rank), .pause(let rank, _), .slowRank(let rank),
            .stall(let rank), .failure(let rank):
            rank < ranks
        case .split(let host, _): host > 0 && host <= self.host(of: ranks - 1)
        default: true
        }
    }

    /// A host is lost for whoever has ranks there.
    private func lose(_ host: Int) {
        trial.disk.powerFails(host: host)
        for launch in trial.launches { launch.leave(host) }
    }

    private func leave(_ host: Int) {
        excuses.insert(.deaths)
        if host == 0 { hasLauncher = false }
        for rank in 0..<ranks where self.host(of: rank) == host { processes.kill(rank) }
        // What starts the ranks on other hosts notices that the first one is gone.
        guard host == 0 else { return }
        isEnding = true
        trial.scheduler.schedule(at: trial.scheduler.time + .seconds(3)) { [self] in killAll() }
    }

    private func loseLauncher() {
        hasLauncher = false
        trial.scheduler.schedule(at: trial.scheduler.time + .milliseconds(trial.chance.number(below: 1000))) { [self] in
            askAll(.orphaned, "its launcher is gone")
        }
    }

    private func failPower() {
        trial.hasLostPower = true
        trial.disk.powerFails()
        for launch in trial.launches {
            launch.excuses.insert(.deaths)
            launch.isEnding = true
            launch.killAll()
        }
    }

    private func askBySignal(_ rank: Int) { ask(rank, .signal, "SIGTERM") }

    private func ask(_ rank: Int, _ reason: StopReason, _ explanation: String) {
        boxes[rank].ask(reason, explanation, in: surroundings[rank])
        signalled = signalled ?? (reports.map(\.step).max() ?? 0)
    }

    private func giveNotice(_ seconds: Double) {
        for rank in 0..<ranks { ask(rank, .notice, "SIGCONT") }
        endOthers(after: .seconds(seconds))
    }

    private func leaveHalt(_ moment: Mishap.HaltMoment) {
        let asker = trial.operatorSurroundings
        let request =
            switch moment {
            case .now: HaltRequest(.now, in: asker)
            case .afterStep(let step): HaltRequest(.afterStep(step), in: asker)
            case .afterCheckpoints(let count): HaltRequest(.afterCheckpoints(count), in: asker)
            case .inSeconds(let seconds): HaltRequest(.at(asker.date + seconds), delay: seconds, in: asker)
            }
        let directory = HaltDirectory(ofRun: FilePath(Trial.directory), files: trial.operatorFiles)
        // The disk may be full, or the directory not be there yet.
        guard (try? directory.submit(request)) != nil else { return }
        trial.requests.append(HaltRecord(id: request.id, isNow: moment == .now))
    }

    private func withdrawHalts() {
        let directory = HaltDirectory(ofRun: FilePath(Trial.directory), files: trial.operatorFiles)
        for id in (try? directory.ids()) ?? [] where (try? directory.withdraw(id)) != nil {
            if let index = trial.requests.firstIndex(where: { $0.id == id.text }) {
                trial.requests[index].isWithdrawn = true
            }
        }
    }

    private func writeConfigFile() {
        let text = Array(#"{"GracefulExit": 1}"#.utf8)
        trial.write(Array(text.prefix(9)))
        trial.scheduler.schedule(at: trial.scheduler.time + .milliseconds(300)) { [trial] in trial.write(text) }
    }

    private func shiftClock(of host: Int, by seconds: Double) {
        while trial.clocks.count <= host { trial.clocks.append(0) }
        trial.clocks[host] += seconds
        for rank in 0..<ranks where self.host(of: rank) == host { surroundings[rank].shiftDate(by: seconds) }
    }
}

extension Trial {
    /// Writes over a file in place, as an editor does that is no friend of ours; nothing takes the configuration file away.
    func write(_ bytes: [UInt8], to path: FilePath = Trial.configFile) {
        guard let file = try? operatorFiles.create(path) else { return }
        try? file.write(bytes.span)
        try? file.close()
    }

    func removeConfigFile() { try? operatorFiles.remove(Self.configFile) }
}
