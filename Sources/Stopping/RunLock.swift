public import Collectives
public import Files
public import SystemPackage

/// A run's hold on its directory, so that a second one does not save in its place.
///
/// Rank 0 holds it for all ranks, in the file `run.lock`. It ends with this object, or with the process.
public final class RunLock: Sendable {
    /// How long a run waits for one that is about to leave: ranks whose launcher was killed save before they do.
    public static let patience: Duration = .seconds(30)

    /// How often a run that waits looks again.
    private static let interval: Duration = .milliseconds(100)

    private let lock: any HeldLock

    private init(_ lock: any HeldLock) {
        self.lock = lock
    }

    /// Makes the directory if it is not there and takes hold of it, after waiting for `patience` at most; `waiting` is
    /// told once who has it.
    ///
    /// - Throws: ``RunLockError`` if another run does not leave it, or `FileError`.
    public convenience init(
        _ directory: FilePath, patience: Duration = patience, files: any FileSystem = LocalFileSystem(),
        surroundings: any Surroundings = .system,
        waiting: (String) -> Void = { _ in }
    ) throws {
        self.init(try Self.waitAlone(Wait(directory, patience: patience, files, surroundings), waiting))
    }

    private static func waitAlone(_ wait: Wait, _ waiting: (String) -> Void) throws -> any HeldLock {
        var wait = wait
        while true {
            if let lock = try wait.tryOnce(waiting) { return lock }
            wait.surroundings.sleep(for: interval)
        }
    }
}

extension RunLock {
    /// What all ranks know of a hold that rank 0 has taken.
    public enum Hold {
        /// The directory is theirs; rank 0 has the lock.
        case taken(RunLock?)
        /// They were asked to stop while they waited.
        case stopped(AgreedStop)
    }

    /// Takes hold of a directory for all ranks together, as ``init(_:patience:files:surroundings:waiting:)`` does; a request to
    /// any of them to stop ends the wait at once.
    ///
    /// - Throws: on all ranks alike, what goes wrong on rank 0.
    public static func take(
        _ directory: FilePath, in world: any Communicator, hearing requests: StopRequests,
        patience: Duration = patience, files: any FileSystem = LocalFileSystem(),
        surroundings: any Surroundings = .system, waiting: (String) -> Void = { _ in }
    ) throws -> Hold {
        var wait = Wait(directory, patience: patience, files, surroundings)
        while true {
            let attempt = Result { world.rank == 0 ? try wait.tryOnce(waiting) : nil }
            let (lock, failure): ((any HeldLock)?, (any Error)?) =
                switch attempt {
                case .success(let lock): (lock, nil)
                case .failure(let error): (nil, error)
                }
            let isHeld = try requests.agree(failure, bringing: lock == nil ? 0 : 1) == 1
            // A run that has it by now goes on, and is stopped like any other.
            if isHeld { return .taken(lock.map { RunLock($0) }) }
            if let stop = requests.stop { return .stopped(stop) }
            surroundings.sleep(for: interval)
        }
    }
}

/// The tries of one process to take hold of a directory.
private struct Wait {
    private let directory: FilePath
    private let patience: Duration
    private let files: any FileSystem
    let surroundings: any Surroundings
    private let start: ContinuousClock.Instant
    private var isTold = false

    init(
        _ directory: FilePath, patience: Duration, _ files: any FileSystem, _ surroundings: any Surroundings
    ) {
        self.files = files
        self.surroundings = surroundings
        start = surroundings.now
        self.directory = directory
        self.patience = patience
    }

    /// Returns the lock; nil if another run has it, which `waiting` is told the first time, and throws once that has had
    /// enough time to leave.
    mutating func tryOnce(_ waiting: (String) -> Void) throws -> (any HeldLock)? {
        try files.createDirectory(directory)
        let path = directory.appending("run.lock")
        let holder: String
        switch try files.lock(path) {
        case .taken(let lock):
            // A full disk shows when something is saved.
            try? lock.note("process \(surroundings.processIdentifier) on \(surroundings.host)")
            return lock
        case .held(let name): holder = name?.visible ?? "a process that cannot be seen from here"
        }
        guard start.duration(to: surroundings.now) < patience else {
            throw RunLockError(directory: directory, holder: holder)
        }
        if !isTold { waiting(holder) }
        isTold = true
        return nil
    }
}

/// A directory in which another run goes on.
public struct RunLockError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The directory.
    public let directory: FilePath

    /// Who holds it: "process 4711 on host".
    public let holder: String

    /// One sentence.
    public var description: String {
        "another run goes on in \(directory) (\(holder)): wait for its end, stop it by launch/stop \(directory), or give "
            + "another directory"
    }
}
