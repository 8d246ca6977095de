package import Files
import RandomTestKit
import Synchronization

/// A disk that behaves as badly as real ones do, and in the same way for the same seed.
///
/// It is the storage of one host, or one that several hosts share. What is written is volatile until it is synchronized:
/// bytes by `synchronize` of their file, names by `synchronizeDirectory`. Processes and hosts die, power fails, and
/// ``DiskFault``s strike; on a shared disk hosts see each other's bytes once a file is closed, and names late.
///
/// ```swift
/// let disk = SimulatedDisk(seed: 7, faults: [DiskFault(.fails(.ioError), at: .init(3, .rename))])
/// let files = disk.files(host: 0, process: 1)
/// …
/// disk.powerFails()
/// let survivors = disk.files(host: 0, process: 2)
/// ```
package final class SimulatedDisk: Sendable {
    /// Whose it is.
    package enum Reach: Sendable, Hashable {
        /// One host's own, which fails with its host.
        case host(Int)
        /// That of a server, which all hosts reach.
        case shared
    }

    private struct Hooks: Sendable {
        var changed: (@Sendable (DiskChange) -> Void)?
        var written: (@Sendable (String, RawSpan) -> Void)?
        var killed: (@Sendable (Int) -> Void)?
        var struck: (@Sendable (DiskStrike) -> Void)?
    }

    /// The seconds since 1970 at which its time begins, for the times of files.
    package static let epoch = 1e9

    /// Whose it is.
    package let reach: Reach

    private let state: Mutex<DiskState>
    private let hooks = Mutex(Hooks())
    private let now: @Sendable () -> Duration
    private let delay: @Sendable (Duration) -> Void

    /// Makes an empty disk. `now` tells the time of the simulation, and `delay` lets it pass.
    ///
    /// With a `visibilityDelay` the names that one host changes on a shared disk are seen by others within that time, not
    /// at once.
    package init(
        _ reach: Reach = .shared, seed: UInt64, faults: [DiskFault] = [], visibilityDelay: Duration = .zero,
        now: @escaping @Sendable () -> Duration = { .zero }, delay: @escaping @Sendable (Duration) -> Void = { _ in }
    ) {
        self.reach = reach
        self.now = now
        self.delay = delay
        state = Mutex(
            DiskState(isShared: reach == .shared, seed: seed, faults: faults, visibilityDelay: visibilityDelay))
    }

    // MARK: - Who uses it

    /// The files as a process on a host sees them. The number of a process that died is that of a new one then.
    package func files(host: Int, process: Int) -> any FileSystem {
        if case .host(let owner) = reach { precondition(host == owner, "host \(host) has no disk of host \(owner)") }
        return SimulatedFiles(self, host: host, process: process, state.withLock { $0.process(process, on: host) })
    }

    /// Ends a process: its locks are given back, what it wrote stays, and whatever it asks for from now on throws.
    package func dies(process: Int) {
        state.withLock { $0.kill(number: process) }
    }

    /// Ends a host with its processes. Its own disk loses what was not synchronized, or any part of that; a shared one what
    /// the host had not sent to it, or any part of that.
    package func powerFails(host: Int) {
        if case .host(let owner) = reach { precondition(host == owner, "host \(host) has no disk of host \(owner)") }
        state.withLock { $0.failPower(of: host) }
    }

    /// Ends all processes on all hosts, and takes from the disk what was not synchronized, or any part of that.
    package func powerFails() {
        state.withLock { $0.failPower(of: nil) }
    }

    /// Ends the faults that go on, as somebody does who mounts it anew or makes room; files that have rotted stay so.
    package func mend() {
        state.withLock { $0.faults.mend() }
    }

    // MARK: - Who looks on

    /// Told of each change of what is visible or durable, after it.
    package var whenChanged: (@Sendable (DiskChange) -> Void)? {
        get { hooks.withLock { $0.changed } }
        set { hooks.withLock { $0.changed = newValue } }
    }

    /// Shown all bytes that are written, before they are, with the path that their file was made under.
    package var whenWritten: (@Sendable (String, RawSpan) -> Void)? {
        get { hooks.withLock { $0.written } }
        set { hooks.withLock { $0.written = newValue } }
    }

    /// Told which process a fault has killed; it is dead on this disk by then.
    package var whenKilled: (@Sendable (Int) -> Void)? {
        get { hooks.withLock { $0.killed } }
        set { hooks.withLock { $0.killed = newValue } }
    }

    /// Told of each fault that strikes, before it does.
    package var whenStruck: (@Sendable (DiskStrike) -> Void)? {
        get { hooks.withLock { $0.struck } }
        set { hooks.withLock { $0.struck = newValue } }
    }

    /// What a process that comes now sees, on a host or, if that is nil, on one that has written nothing. It stays as it is.
    package func snapshot(host: Int? = nil) -> any FileSystem {
        DiskSnapshot(image, host.map { .host($0) } ?? .storage)
    }

    /// What is there after a power failure, whatever else is. It stays as it is.
    package func durableSnapshot() -> any FileSystem { DiskSnapshot(image, .afterwards) }

    /// What may be there after a power failure, as a seed has it. The disk itself goes on.
    package func snapshotAfterPowerFailure(seed: UInt64) -> any FileSystem {
        var chance = Chance(seed: seed)
        var losses: [DiskStrike: Int] = [:]
        return DiskSnapshot(image.afterPowerFailure(&chance, losses: &losses), .storage)
    }

    private var image: DiskImage { state.withLock { $0.image } }

    /// How often what has struck so far.
    package var strikes: [DiskStrike: Int] { state.withLock { $0.faults.strikes } }

    /// Whether there are files that give other bytes than they were given, for good.
    package var hasRottenFiles: Bool { state.withLock { $0.faults.hasRottenFiles } }

    /// How many files it has not forgotten, with names or without.
    package var rememberedFileCount: Int { state.withLock { $0.image.files.count } }

    /// The number of operations so far.
    package var operationCount: Int { state.withLock { $0.operationCount } }
}

// MARK: - For the files of this disk

extension SimulatedDisk {
    func withState<Result: Sendable>(_ body: (inout DiskState) -> Result) -> Result { state.withLock { body(&$0) } }

    /// What the faults make of an operation, which then takes as long as it takes; nil of a dead process.
    func begin(_ operation: FileOperation, _ path: String, file: Int?, by process: UInt64) -> DiskVerdict? {
        let verdict = state.withLock { $0.begin(operation, path, file: file, by: process) }
        if let whenStruck { verdict?.strikes.forEach(whenStruck) }
        // Not under the lock: others run meanwhile.
        if let verdict, verdict.delay > .zero { delay(verdict.delay) }
        return verdict
    }

    /// Does something at the time that it is; nil of a process that has died meanwhile.
    func proceed<Result: Sendable>(_ process: UInt64, _ body: (inout DiskState) -> Result) -> Result? {
        let time = now()
        return state.withLock { state in
            guard state.processes[process] != nil else { return nil }
            state.proceed(at: time)
            return body(&state)
        }
    }

    func tell(of change: DiskChange) { whenChanged?(change) }

    func show(_ path: String, _ bytes: RawSpan) { whenWritten?(path, bytes) }

    func tell(ofKilled process: Int) { whenKilled?(process) }
}
