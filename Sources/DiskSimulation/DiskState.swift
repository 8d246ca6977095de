import Files
import RandomTestKit
import SystemPackage

/// All that a simulated disk knows: what lies on it, who uses it, and what goes wrong with it.
struct DiskState: Sendable {
    struct Process: Sendable {
        let number: Int
        let host: Int
        var openFiles: Set<Int> = []

        // Of its own, so that what one process does changes no name that another one makes.
        var numbers: SeededGenerator
    }

    struct Lock: Sendable {
        let holder: UInt64
        var note: String?
    }

    let isShared: Bool
    var image = DiskImage()
    var faults: DiskFaultPlan
    var late: LateNames

    /// The locks that are held, by the number of the file.
    var locks: [Int: Lock] = [:]

    /// Those that live, by a number that never comes again.
    private(set) var processes: [UInt64: Process] = [:]

    /// These numbers, by those that the processes go by.
    private var identities: [Int: UInt64] = [:]

    private(set) var operationCount = 0

    /// The time of the operation that is under way, and whether it has changed anything.
    private(set) var time = Duration.zero
    var hasChanged = false

    private var processCount: UInt64 = 0
    private let seed: UInt64
    private var chance: Chance
    private var lastWriting = 0.0

    // Where folders are, as all see them that see everything as it is.
    private var folderNumbers: [String: Int] = [:]

    init(isShared: Bool, seed: UInt64, faults: [DiskFault], visibilityDelay: Duration) {
        self.isShared = isShared
        self.seed = seed
        self.faults = DiskFaultPlan(faults)
        chance = Chance(seed: seed)
        late = LateNames(delay: isShared ? visibilityDelay : .zero, seed: seed)
    }

    // MARK: - Operations

    mutating func begin(_ operation: FileOperation, _ path: String, file: Int?, by process: UInt64) -> DiskVerdict? {
        guard let host = processes[process]?.host else { return nil }
        operationCount += 1
        var verdict = faults.verdict(on: operation, path, file: file, on: host)
        verdict.number = operationCount
        return verdict
    }

    /// Goes on after the operation has taken as long as it takes.
    mutating func proceed(at time: Duration) {
        self.time = max(self.time, time)
        hasChanged = false
    }

    /// The time for a file that is written now: never that of the writing before, as on a disk that counts nanoseconds.
    mutating func writingTime() -> Double {
        lastWriting = max(SimulatedDisk.epoch + time / .seconds(1), lastWriting + 1e-6)
        return lastWriting
    }

    // MARK: - Processes

    /// The live process of a number, or a new one.
    mutating func process(_ number: Int, on host: Int) -> UInt64 {
        if let identity = identities[number], let process = processes[identity] {
            precondition(process.host == host, "process \(number) is on host \(process.host), not \(host)")
            return identity
        }
        processCount += 1
        let numbers = SeededGenerator(seed: seed &+ processCount &* 0xD1B5_4A32_D192_ED03)
        processes[processCount] = Process(number: number, host: host, numbers: numbers)
        identities[number] = processCount
        return processCount
    }

    /// Ends a process. The system closes its files, and so nothing is lost that it wrote.
    mutating func kill(_ identity: UInt64) {
        guard let process = remove(identity) else { return }
        for file in process.openFiles { image.flush(file) }
    }

    mutating func kill(number: Int) {
        if let identity = identities[number] { kill(identity) }
    }

    private mutating func remove(_ identity: UInt64) -> Process? {
        guard let process = processes.removeValue(forKey: identity) else { return nil }
        identities[process.number] = nil
        locks = locks.filter { $0.value.holder != identity }
        return process
    }

    mutating func open(_ file: Int, by process: UInt64) { processes[process]?.openFiles.insert(file) }

    mutating func close(_ file: Int, by process: UInt64) {
        guard processes[process]?.openFiles.remove(file) != nil else { return }
        hasChanged = hasChanged || image.files[file].map { $0.flushedCount < $0.bytes.count } ?? false
        image.flush(file)
    }

    /// Appends bytes, which only the host itself sees until they are sent to a shared storage.
    mutating func append(_ bytes: [UInt8], to file: Int) {
        image.append(bytes, to: file, isSeenByAll: !isShared, at: writingTime())
        hasChanged = hasChanged || !bytes.isEmpty
    }

    mutating func synchronize(_ file: Int, losing isLost: Bool) {
        if isLost { image.loseUnsynchronizedBytes(of: file) }
        // Those that are lost are never written again: to the system they are on the storage.
        image.synchronize(file)
        hasChanged = true
    }

    /// A number that nobody can guess, who does not know the seed.
    mutating func unguessableNumber(for process: UInt64) -> UInt64 { processes[process]?.numbers.next() ?? 0 }

    // MARK: - Power

    /// Ends a host with its processes, without what it had not sent to the storage; nil ends all, and the storage.
    mutating func failPower(of host: Int?) {
        for (identity, process) in processes where host == nil || process.host == host {
            _ = remove(identity)
        }
        var losses: [DiskStrike: Int] = [:]
        if let host, isShared {
            image.loseUnsentBytes(of: host, &chance, losses: &losses)
        } else {
            image = image.afterPowerFailure(&chance, losses: &losses)
            late = LateNames(delay: late.delay, seed: chance.seed())
            forgetFolders()
            image.sweep(keeping: openNodes)
        }
        faults.note(losses)
    }

    private var openNodes: [DiskImage.Node] {
        processes.values.flatMap { $0.openFiles.map { .file($0) } } + locks.keys.map { .file($0) } + late.nodes
    }

    mutating func sweepIfDue() {
        if image.isSweepDue { image.sweep(keeping: openNodes) }
    }

    // MARK: - Folders

    mutating func forgetFolders() { folderNumbers = [:] }

    /// The number of a folder, as the host of a process sees it.
    mutating func folder(at path: String, for host: Int) throws(Errno) -> Int {
        guard late.isEmpty(at: time) else {
            return try DiskPath.folder(at: path) { node(at: $0, for: host) }
        }
        if let number = folderNumbers[path] { return number }
        let number = try DiskPath.folder(at: path) { image.node($0.name, in: $0.folder) }
        folderNumbers[path] = number
        return number
    }

    /// What stands at a place as a host sees it.
    func node(at place: DiskPlace, for host: Int) -> DiskImage.Node? {
        let node = image.node(place.name, in: place.folder)
        return late.isEmpty(at: time) ? node : late.node(at: place, node, by: host, at: time)
    }
}
