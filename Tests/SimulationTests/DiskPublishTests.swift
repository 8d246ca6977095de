import Checkpoints
import Collectives
import CollectivesTestKit
import DiskSimulation
import Files
import SurroundingsTestKit
import Synchronization
import SystemPackage
import Testing

/// The shipped publish protocol on a disk that may lose power at any moment: the old set or the new one is there, whole.
struct DiskPublishTests {
    private let output: FilePath = "/disk/output"

    private func set(step: Int) -> CheckpointSet {
        let progress = TrainingProgress(
            epoch: 1, stepInEpoch: step, stepsPerEpoch: 100, step: step, globalBatch: 32, sampleCount: 32 * step,
            seed: 7, finished: false)
        return CheckpointSet(
            name: "net", progress: progress, cause: SaveCause("a signal", requestingRank: 0),
            mesh: [MeshAxis("dp", size: 1)], model: "LeNet5")
    }

    /// Publishes a set in whose files every byte is its step.
    private func publish(step: Int, over world: any Communicator = SoloCommunicator(), on files: any FileSystem) throws
    {
        let publisher = CheckpointPublisher(
            CheckpointDirectory(output, fileSystem: files), world: world, branch: RunBranch(),
            surroundings: VirtualSurroundings(seed: UInt64(step)))
        let file = CheckpointFile("rank_\(world.rank)/net.ckpt") { file in
            for _ in 0..<3 { try file.write([UInt8](repeating: UInt8(step), count: 500).span) }
        }
        _ = try publisher.publish(set(step: step), files: [file])
    }

    /// The step of the set on a disk, of which every byte must be there.
    private func step(on files: any FileSystem) throws -> Int? {
        let directory = CheckpointDirectory(output, fileSystem: files)
        let listing = try directory.list()
        if let error = listing.unreadable.first { throw error }
        guard let manifest = listing.manifests.first else { return nil }
        let step = manifest.checkpoint.progress.step
        for file in manifest.files {
            let bytes = try directory.openVerified(file, of: manifest).contents(limit: 1 << 20)
            guard bytes == [UInt8](repeating: UInt8(step), count: 1500) else { throw StrangeBytes() }
        }
        return step
    }

    private struct StrangeBytes: Error {}

    /// What is wrong with a disk that should have one of some steps; nil if nothing is.
    private func problem(of files: any FileSystem, allowed: Set<Int>) -> String? {
        do {
            guard let step = try step(on: files) else { return "no set" }
            return allowed.contains(step) ? nil : "step \(step)"
        } catch {
            return "\(error)"
        }
    }

    /// Publishes step 1, and then step 2 with the power failing after each operation in many ways; returns what went wrong.
    /// What the publisher does reaches the disk through `front`.
    private func problems(seed: UInt64, _ front: (any FileSystem) -> any FileSystem = { $0 }) throws -> [String] {
        let disk = SimulatedDisk(.host(0), seed: seed)
        let files = front(disk.files(host: 0, process: 1))
        try publish(step: 1, on: files)
        let problems = Mutex<[String]>([])
        let points = Mutex(0)
        let look: @Sendable (String, Set<Int>) -> Void = { [disk] place, allowed in
            let images = [disk.durableSnapshot()] + (1...40).map { disk.snapshotAfterPowerFailure(seed: $0 &* seed) }
            for image in images {
                if let problem = problem(of: image, allowed: allowed) {
                    problems.withLock { $0.append("\(place): \(problem)") }
                }
            }
        }
        disk.whenChanged = { change in
            points.withLock { $0 += 1 }
            look("\(change)", [1, 2])
        }
        try publish(step: 2, on: files)
        disk.whenChanged = nil
        look("afterwards", [2])
        #expect(points.withLock { $0 } > 8)
        return problems.withLock { $0 }
    }

    @Test(arguments: 1...UInt64(6)) func powerMayFailAfterEveryOperation(seed: UInt64) throws {
        #expect(try problems(seed: seed) == [])
    }

    @Test func aPublisherThatSynchronizesNoDirectoryIsFoundOut() throws {
        #expect(try !problems(seed: 1) { ForgetfulFileSystem(base: $0, forgotten: .directory) }.isEmpty)
    }

    @Test func aPublisherThatSynchronizesNoFileIsFoundOut() throws {
        #expect(try !problems(seed: 1) { ForgetfulFileSystem(base: $0, forgotten: .file) }.isEmpty)
    }

    private static let effects: [DiskFault.Effect] = [
        .fails(.ioError), .noRoom(.noSpace, forOperations: nil), .readOnly, .shortWrite(.noSpace),
        .succeedsUnheard(.ioError), .dropsBytes, .kills,
    ]

    /// A fault at each operation, one after the other; then the power fails.
    @Test(arguments: effects) func everyFaultLeavesTheOldSetOrTheNewOne(effect: DiskFault.Effect) throws {
        var number = 1
        while try tryFault(effect, at: number) { number += 1 }
        #expect(number > 10)
    }

    /// Publishes step 1, on a disk that has something to delete when it is full.
    private func begin(on files: any FileSystem) throws {
        try files.replaceContents(of: "/ballast", with: [])
        try publish(step: 1, on: files)
    }

    /// Whether the fault was reached.
    private func tryFault(_ effect: DiskFault.Effect, at number: Int) throws -> Bool {
        let first = SimulatedDisk(.host(0), seed: 5)
        try begin(on: first.files(host: 0, process: 1))
        let fault = DiskFault(effect, at: .init(first.operationCount + number))
        let disk = SimulatedDisk(.host(0), seed: 5, faults: [fault])
        let files = disk.files(host: 0, process: 1)
        try begin(on: files)
        let outcome = Result { try publish(step: 2, on: files) }
        let place = Comment(rawValue: "\(fault)")
        let wasReached = disk.operationCount >= first.operationCount + number
        let allowed: Set<Int> = (try? outcome.get()) == nil ? [1, 2] : [2]
        #expect(problem(of: disk.snapshot(), allowed: allowed) == nil, place)
        for seed in 0..<UInt64(8) {
            let image = disk.snapshotAfterPowerFailure(seed: seed)
            #expect(problem(of: image, allowed: allowed) == nil, "\(place), failure \(seed)")
        }
        guard wasReached, effect != .readOnly else { return wasReached }
        // A new process publishes as if nothing had been.
        disk.powerFails()
        let next = disk.files(host: 0, process: 2)
        try next.remove("/ballast")
        try publish(step: 3, on: next)
        #expect(problem(of: disk.durableSnapshot(), allowed: [3]) == nil, place)
        #expect(try next.names(in: output) == ["net.manifest.json", "rank_0"], place)
        #expect(try next.names(in: output.appending("rank_0")) == ["net.ckpt"], place)
        return true
    }

    @Test func hostsThatSeeEachOthersNamesLatePublishAllTheSame() throws {
        for seed in 0..<UInt64(10) {
            let disk = SimulatedDisk(seed: seed, visibilityDelay: .seconds(60))
            for step in 1...3 {
                _ = try ThreadWorld.run(ranks: 4) { world in
                    try publish(step: step, over: world, on: disk.files(host: world.rank / 2, process: world.rank))
                }
                #expect(try self.step(on: disk.durableSnapshot()) == step, "seed \(seed)")
            }
        }
    }
}

/// A file system that says that it has synchronized and has not: a mistake that must be found out.
private struct ForgetfulFileSystem: ForwardingFileSystem {
    let base: any FileSystem
    let forgotten: FileStatus.Kind

    func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        if operation == .synchronize, try base.status(of: path)?.kind == forgotten, let nothing = () as? Result {
            return nothing
        }
        return try body()
    }
}
