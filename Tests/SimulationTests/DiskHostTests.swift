import DiskSimulation
import Files
import Synchronization
import SystemPackage
import Testing

/// Processes and hosts on a disk: who dies, who holds what, and who sees what when.
struct DiskHostTests {
    private func expectDead(_ files: any FileSystem, _ file: any WritableFile, _ reader: any ReadableFile) {
        var byte: [UInt8] = [0]
        let bodies: [() throws -> Void] = [
            { _ = try files.create("/b") }, { _ = try files.open("/a") }, { try files.rename("/a", to: "/b") },
            { try files.remove("/a") }, { try files.createDirectory("/c") }, { try files.removeDirectory("/c") },
            { _ = try files.lock("/l") }, { try files.synchronizeDirectory("/") }, { _ = try files.status(of: "/a") },
            { _ = try files.names(in: "/") }, { _ = try files.destination(ofLink: "/a") },
            { try file.write([1].span) }, { try file.synchronize() }, { try file.close() },
        ]
        for body in bodies {
            let error = #expect(throws: FileError.self) { try body() }
            #expect(error?.errno == .noSuchProcess)
        }
        let error = #expect(throws: FileError.self) {
            var span = byte.mutableSpan
            try reader.read(into: &span, at: 0)
        }
        #expect(error?.errno == .noSuchProcess)
    }

    @Test func aDeadProcessDoesNothingAndLosesNothing() throws {
        let disk = SimulatedDisk(seed: 1)
        let files = disk.files(host: 0, process: 1)
        try files.replaceContents(of: "/a", with: [1])
        let reader = try files.open("/a")
        let file = try files.create("/open")
        try file.write([1, 2, 3].span)
        disk.dies(process: 1)
        expectDead(files, file, reader)
        // What it wrote is in the storage's cache, and seen from everywhere: the system closed the file.
        for (host, process) in [(0, 2), (1, 3)] {
            let others = disk.files(host: host, process: process)
            #expect(try others.contents(of: "/open", limit: 9) == [1, 2, 3])
            #expect(try others.names(in: "/") == ["a", "open"])
        }
        // Its number may come again; what it had stays dead.
        let reborn = disk.files(host: 5, process: 1)
        #expect(try reborn.contents(of: "/a", limit: 9) == [1])
        #expect(throws: FileError("look at", "/a", .noSuchProcess)) { try files.status(of: "/a") }
    }

    @Test func locksOfTheDeadAreGivenBack() throws {
        let disk = SimulatedDisk(seed: 1)
        let first = disk.files(host: 0, process: 1)
        let held = try first.lock("/run.lock")
        let second = disk.files(host: 1, process: 2)
        guard case .held(by: "process 1 on host 0") = try second.lock("/run.lock") else {
            Issue.record("the lock of process 1 is not held")
            return
        }
        disk.dies(process: 1)
        guard case .taken(let lock) = try second.lock("/run.lock") else {
            Issue.record("a dead one holds it")
            return
        }
        // Letting go of what is no longer one's own takes it from nobody.
        withExtendedLifetime(held) {}
        try lock.note("run 2")
        guard case .held(by: "run 2") = try disk.files(host: 0, process: 3).lock("/run.lock") else {
            Issue.record("the lock of process 2 is not held")
            return
        }
        disk.powerFails(host: 1)
        guard case .taken = try disk.files(host: 0, process: 3).lock("/run.lock") else {
            Issue.record("a dead host holds it")
            return
        }
    }

    @Test func bytesAreSeenByOtherHostsOnceTheFileIsClosed() throws {
        let disk = SimulatedDisk(seed: 1)
        let (near, far) = (disk.files(host: 0, process: 1), disk.files(host: 1, process: 2))
        let file = try near.create("/a")
        try file.write([1, 2].span)
        #expect(try near.contents(of: "/a", limit: 9) == [1, 2])
        #expect(try far.contents(of: "/a", limit: 9) == [])
        try file.synchronize()
        try file.write([3].span)
        #expect(try far.contents(of: "/a", limit: 9) == [1, 2])
        #expect(try far.status(of: "/a")?.byteCount == 2)
        try file.close()
        #expect(try far.contents(of: "/a", limit: 9) == [1, 2, 3])
    }

    @Test func aHostTakesAlongWhatItHadNotSent() throws {
        var outcomes: Set<[UInt8]> = []
        for seed in 0..<UInt64(40) {
            let disk = SimulatedDisk(seed: seed)
            let files = disk.files(host: 0, process: 1)
            let file = try files.create("/a")
            try file.write([UInt8](repeating: 1, count: 512).span)
            try file.synchronize()
            try file.write([UInt8](repeating: 2, count: 512).span)
            try files.replaceContents(of: "/closed", with: [5], isDurable: false)
            disk.powerFails(host: 0)
            let survivors = disk.files(host: 1, process: 2)
            let bytes = try survivors.contents(of: "/a", limit: 1024)
            #expect(bytes.prefix(512).allSatisfy { $0 == 1 })
            outcomes.insert([UInt8(bytes.count / 512), bytes.last ?? 9])
            // The storage had this, and has not lost its power.
            #expect(try survivors.contents(of: "/closed", limit: 1) == [5])
        }
        #expect(outcomes == [[1, 1], [2, 2], [2, 0]])
    }

    @Test func namesOfOtherHostsAreSeenLateAndNeverForget() throws {
        let clock = Clock()
        let delay = Duration.seconds(10)
        var lateOnes = 0
        for seed in 0..<UInt64(40) {
            clock.set(.zero)
            let disk = SimulatedDisk(seed: seed, visibilityDelay: delay, now: { clock.time })
            let (near, far) = (disk.files(host: 0, process: 1), disk.files(host: 1, process: 2))
            try near.replaceContents(of: "/old", with: [1])
            clock.set(.seconds(20))
            #expect(try far.names(in: "/") == ["old"])
            try near.rename("/old", to: "/new")
            #expect(try near.names(in: "/") == ["new"])
            var wasSeen = false
            var wasLate = false
            for second in 20...30 {
                clock.set(.seconds(second))
                let isSeen = try far.status(of: "/new") != nil
                #expect(isSeen || !wasSeen, "seed \(seed): what was seen is not seen any more")
                wasSeen = isSeen
                if second == 24 { wasLate = !isSeen }
                // The file is there under one name at least, and opens under any under which it is seen.
                for name in try far.names(in: "/") {
                    #expect(try far.contents(of: FilePath("/\(name)"), limit: 1) == [1], "seed \(seed), \(name)")
                }
            }
            #expect(wasSeen, "seed \(seed)")
            #expect(try far.names(in: "/") == ["new"])
            lateOnes += wasLate ? 1 : 0
            #expect(disk.strikes.keys.contains { $0.kind == .lateName } || !wasLate, "seed \(seed)")
        }
        #expect(lateOnes > 5 && lateOnes < 35)
    }

    @Test func whoeverAsksTheServerSeesWhatIsThere() throws {
        for seed in 0..<UInt64(20) {
            let disk = SimulatedDisk(seed: seed, visibilityDelay: .seconds(10))
            let (near, far) = (disk.files(host: 0, process: 1), disk.files(host: 1, process: 2))
            try near.createDirectory("/a")
            // The server says that it is there, and from then on the host knows.
            try far.createDirectory("/a")
            #expect(try far.status(of: "/a")?.kind == .directory)
            try near.replaceContents(of: "/a/b", with: [1])
            try near.remove("/a/b")
            // A name in memory that leads to a deleted file is looked up again.
            #expect(throws: FileError("open", "/a/b", .noSuchFileOrDirectory)) { try far.open("/a/b") }
            guard case .taken(let lock) = try near.lock("/a/lock") else {
                Issue.record("not taken")
                return
            }
            guard case .held = try far.lock("/a/lock") else {
                Issue.record("taken twice")
                return
            }
            withExtendedLifetime(lock) {}
        }
    }

    @Test func aHostsOwnDiskFailsWithIt() throws {
        let disk = SimulatedDisk(.host(4), seed: 3)
        let files = disk.files(host: 4, process: 1)
        try files.replaceContents(of: "/a", with: [1])
        try files.replaceContents(of: "/b", with: [2], isDurable: false)
        let durable = disk.durableSnapshot()
        #expect(try durable.names(in: "/") == ["a"])
        disk.powerFails(host: 4)
        #expect(throws: FileError.self) { try files.status(of: "/a") }
        #expect(try disk.files(host: 4, process: 1).contents(of: "/a", limit: 1) == [1])
    }

    /// A time that a test sets.
    private final class Clock: Sendable {
        private let now = Mutex(Duration.zero)
        var time: Duration { now.withLock { $0 } }
        func set(_ time: Duration) { now.withLock { $0 = time } }
    }
}
