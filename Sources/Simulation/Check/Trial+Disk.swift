import Checkpoints
import DiskSimulation
import Files
import Foundation
import RandomTestKit
import SurroundingsTestKit
import SystemPackage
import Training

extension Trial {
    /// Looks at all that happens to the disk.
    func watchDisk() {
        disk.whenChanged = { [unowned self] change in
            if change.operation != .write { note("\(change)") }
            checkDurability(after: change)
        }
        disk.whenStruck = { [unowned self] strike in
            coverage.note("disk: \(strike.kind.rawValue)", in: launches.first?.phase ?? .start)
            drilledLaunches = nil
        }
        disk.whenKilled = { [unowned self] process in
            for launch in launches {
                guard let rank = (0..<launch.ranks).first(where: { launch.processes.process(of: $0) == process }) else {
                    continue
                }
                launch.processes.kill(rank)
            }
        }
        guard key != nil else { return }
        disk.whenWritten = { [secrets] path, bytes in secrets.look(path, bytes) }
    }

    /// How often the disk went wrong; what power failures took and what is seen late is no fault of it.
    var diskStrikeCount: Int {
        let others: Set<DiskStrike.Kind> = [
            .lateName, .lostName, .reorderedName, .lostBytes, .tornBytes, .holes, .unsentBytes,
        ]
        return disk.strikes.reduce(0) { $0 + (others.contains($1.key.kind) ? 0 : $1.value) }
    }

    /// Whether files give other bytes than they were given, and go on doing so; a read that went wrong once excuses nothing later.
    var hasRot: Bool { disk.hasRottenFiles }

    /// The whole sets that are found on a disk.
    func wholeSets(on files: any FileSystem) -> [Manifest] {
        let directory = CheckpointDirectory(FilePath(Self.directory), fileSystem: files, key: key)
        let sets = (try? directory.list().manifests) ?? []
        return sets.filter { isWhole($0, on: files) }
    }

    /// Whether all files of a set are there as its manifest says.
    func isWhole(_ set: Manifest, on files: any FileSystem) -> Bool {
        (try? CheckpointDirectory(FilePath(Self.directory), fileSystem: files, key: key).verify(set)) != nil
    }

    /// The id of the set of a name, as a host sees it.
    func id(of name: String, seenBy host: Int) -> String? {
        let files = disk.snapshot(host: host)
        let directory = CheckpointDirectory(FilePath(Self.directory), fileSystem: files, key: key)
        return (try? directory.manifest(named: name))?.id
    }

    /// A whole set of fewer steps than the one that was published last.
    var olderSet: PublishedRecord? {
        guard let newest = published.last else { return nil }
        let sets = wholeSets(on: disk.snapshot()).filter { $0.checkpoint.progress.step < newest.step }
        let set = sets.isEmpty ? nil : sets[chance.number(below: sets.count)]
        return set.map { PublishedRecord(id: $0.id, name: $0.name, step: $0.checkpoint.progress.step) }
    }

    /// Status, lock and probes come and go without any set.
    private func concernsSets(_ change: DiskChange) -> Bool {
        guard change.path.hasPrefix(Self.directory) else { return false }
        let names = [change.path, change.target ?? ""].map { FilePath($0).lastComponent?.string ?? "" }
        return !names.contains {
            $0.contains("status.json") || $0.contains("account.jsonl") || $0.hasSuffix(".probe")
                || $0.hasSuffix(".lock")
        }
    }

    /// The manifest of a set that is whole on these files.
    private func wholeSet(_ set: PublishedRecord, on files: any FileSystem) -> Manifest? {
        let directory = CheckpointDirectory(FilePath(Self.directory), fileSystem: files, key: key)
        guard let manifest = try? directory.manifest(named: set.name), manifest.id == set.id else { return nil }
        return isWhole(manifest, on: files) ? manifest : nil
    }

    /// Many ranks do the same, and to look at a set takes the longer the more of them there are: then all is looked at that the first
    /// one does, and of what the others do as much as eight would.
    private func isLookedAt(_ change: DiskChange) -> Bool {
        guard let launch = launches.first(where: { $0.processes.holds(change.process) }),
            launch.ranks > Self.fullyWatchedRanks, change.process != launch.processes.process(of: 0)
        else { return true }
        return chance.number(below: launch.ranks) < Self.fullyWatchedRanks
    }

    private static let fullyWatchedRanks = 8

    /// Names decide which sets there are: whenever they have changed, the set that was published last, or a later one, is
    /// whole on what is surely there after a power failure, and on what may be.
    private func checkDurability(after change: DiskChange) {
        guard let newest = published.last, concernsSets(change) else { return }
        if let settled, settled.id == newest.id, !settled.isTouched(by: change) { return }
        settled = nil
        guard isLookedAt(change) else { return }
        let files: any FileSystem
        switch change.operation {
        case .synchronize where change.path == Self.directory: files = disk.durableSnapshot()
        case .delete, .rename: files = disk.snapshotAfterPowerFailure(seed: chance.seed())
        default: return
        }
        if let manifest = wholeSet(newest, on: files) {
            if change.operation == .synchronize { settled = SettledSet(manifest) }
            return
        }
        let older = Set(published.dropLast().map(\.id))
        guard !wholeSets(on: files).contains(where: { $0.id == newest.id || !older.contains($0.id) }) else { return }
        violates(
            .aWholeSetStays, "after \(change), \(newest.name) of step \(newest.step) is not whole, and no later set is")
    }

    /// With a key, none of the weights that the run has had is written as it is.
    func checkSecrecy() {
        guard let path = secrets.paths.first else { return }
        violates(.keysHide, "weights are written to \(path) as they are")
    }
}

extension Trial {
    /// Leaves what another run had begun to write when it was killed, and what it had said of a hang.
    func plantLeftovers() {
        let names = [
            ".ghost-1_9.ckpt.9-1f.pending", ".other.manifest.json.3-2e.pending", "rank_0/.other.ckpt.3-2e.pending",
            ".status.json.3d.tmp", ".account.jsonl.3e.tmp", ".rank_1.4c.probe", "hang/rank_0.json",
        ]
        for name in names {
            let path = FilePath("\(Self.directory)/\(name)")
            try? operatorFiles.createDirectory(path.removingLastComponent())
            write([1, 2, 3], to: path)
        }
    }
}

extension TrialLaunch {
    /// Notes a set that the run says to be published.
    func published(_ set: PublishedSet) {
        note("has published \(set.manifest.name)", rank: 0)
        let record = PublishedRecord(
            id: set.manifest.id, name: set.manifest.name, step: set.manifest.checkpoint.progress.step,
            duration: set.duration, end: trial.scheduler.time)
        published.append(record)
        trial.published.append(record)
        trial.follow(record)
        // At once: beside it another launch may still be there, which is looked at with the requests that are gone by then.
        if !Ghost.isScheduled(record.name) { trial.settleRequests() }
    }
}

/// A set that every power failure leaves as it is, until something happens to one of its names.
struct SettledSet {
    let id: String
    /// Without the folders: what is done to a file of a thousand ranks is looked up, not searched for.
    private let names: Set<Substring>

    /// Of a set that is whole on what is surely there.
    init(_ manifest: Manifest) {
        id = manifest.id
        let paths = [SetNames.manifest(of: manifest.name)] + manifest.files.map(\.path)
        names = Set(paths.map { Self.lastName($0[...]) })
    }

    /// Whether one of its files is concerned, under its last name or the one before that.
    func isTouched(by change: DiskChange) -> Bool {
        [change.path, change.target ?? ""].contains { path in
            let name = Self.lastName(path[...])
            return names.contains(name) || names.contains(Self.nameWithin(name))
        }
    }

    private static func lastName(_ path: Substring) -> Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path
    }

    /// Of ".a.ckpt.7-1f.pending" and ".a.ckpt.7-1f.aside", "a.ckpt".
    private static func nameWithin(_ name: Substring) -> Substring {
        guard name.first == ".", let end = name.lastIndex(of: "."), let last = name[..<end].lastIndex(of: ".") else {
            return name
        }
        return name[..<last].dropFirst()
    }
}
