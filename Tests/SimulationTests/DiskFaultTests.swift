import DiskSimulation
import Files
import Synchronization
import SystemPackage
import Testing

/// What each fault of a disk does, and when.
struct DiskFaultTests {
    private func disk(_ effect: DiskFault.Effect, at occasion: DiskFault.Occasion) -> SimulatedDisk {
        SimulatedDisk(.host(0), seed: 1, faults: [DiskFault(effect, at: occasion)])
    }

    /// The errors of some operations, one after the other; nil is none.
    private func errors(_ bodies: (() throws -> Void)...) -> [Errno?] {
        bodies.map { body in
            do {
                try body()
                return nil
            } catch {
                return (error as? FileError)?.errno
            }
        }
    }

    private func isThere(_ path: FilePath, on disk: SimulatedDisk) throws -> Bool {
        try disk.snapshot().status(of: path) != nil
    }

    @Test func theNthOfThoseThatFitIsStruckAndNoOther() throws {
        let fault = DiskFault(.fails(.ioError), at: .init(2, .create, on: ".ckpt", host: 1))
        let disk = SimulatedDisk(seed: 1, faults: [fault])
        let (other, files) = (disk.files(host: 0, process: 0), disk.files(host: 1, process: 1))
        #expect(
            errors(
                { _ = try other.create("/0.ckpt") }, { _ = try files.create("/1.ckpt") },
                { _ = try files.create("/1.json") }, { _ = try other.create("/2.ckpt") },
                { _ = try files.open("/1.ckpt") }, { _ = try files.create("/3.ckpt") },
                { _ = try files.create("/4.ckpt") }
            ) == [nil, nil, nil, nil, nil, .ioError, nil])
        #expect(try disk.snapshot().names(in: "/") == ["0.ckpt", "1.ckpt", "1.json", "2.ckpt", "4.ckpt"])
        #expect(disk.strikes == [DiskStrike(kind: .failed, operation: .create): 1])
        #expect("\(fault)" == "operation 2 (create … .ckpt) on host 1: EIO")
        #expect(disk.operationCount == 7)
    }

    @Test func aFullDiskHasRoomAgainWhenSomethingIsDeleted() throws {
        let disk = disk(.noRoom(.noSpace, forOperations: nil), at: .init(3, .write))
        let files = disk.files(host: 0, process: 1)
        let file = try files.create("/a")
        let write = { try file.write([1, 2].span) }
        #expect(
            errors(
                write, write, write, write, { _ = try files.create("/b") }, { try files.createDirectory("/c") },
                { try file.synchronize() }, { try files.rename("/a", to: "/d") }, { try files.remove("/nothing") },
                write
            ) == [nil, nil, .noSpace, .noSpace, .noSpace, .noSpace, nil, nil, nil, .noSpace])
        try files.remove("/d")
        #expect(errors(write, { _ = try files.create("/b") }) == [nil, nil])
        #expect(disk.strikes[DiskStrike(kind: .noRoom, operation: .write)] == 3)
    }

    @Test func aQuotaMayBeRaisedAfterAWhile() throws {
        let files = disk(.noRoom(.diskQuotaExceeded, forOperations: 2), at: .init(1, .create)).files(
            host: 0, process: 1)
        let create = { _ = try files.create("/a") }
        #expect(errors(create, create, create) == [.diskQuotaExceeded, .diskQuotaExceeded, nil])
    }

    @Test func aReadOnlyDiskTakesNothingAndCanBeRead() throws {
        let disk = disk(.readOnly, at: .init(1, .rename))
        let files = disk.files(host: 0, process: 1)
        let error = Errno.readOnlyFileSystem
        #expect(errors({ try files.replaceContents(of: "/other", with: [1], isDurable: false) }) == [error])
        #expect(try !isThere("/other", on: disk))
        #expect(
            errors(
                { _ = try files.create("/b") }, { try files.remove("/a") }, { try files.createDirectory("/c") },
                { try files.removeDirectory("/c") }, { try files.rename("/a", to: "/b") }, { _ = try files.lock("/l") },
                { try files.synchronizeDirectory("/") }, { _ = try files.names(in: "/") },
                { _ = try files.status(of: "/a") }
            ) == [error, error, error, error, error, error, error, nil, nil])
    }

    @Test func aShortWriteLeavesItsBeginning() throws {
        let disk = disk(.shortWrite(.noSpace), at: .init(1, .write))
        let files = disk.files(host: 0, process: 1)
        let file = try files.create("/a")
        #expect(errors({ try file.write([1, 2, 3, 4, 5, 6].span) }) == [.noSpace])
        try file.write([9].span)
        #expect(try files.contents(of: "/a", limit: 9) == [1, 2, 9])
    }

    @Test func whatIsDoneUnheardIsDone() throws {
        let operations: [(FileOperation, (any FileSystem) throws -> Void)] = [
            (.create, { _ = try $0.create("/b") }), (.rename, { try $0.rename("/a", to: "/b") }),
            (.makeDirectory, { try $0.createDirectory("/b") }),
        ]
        for (operation, body) in operations {
            let disk = disk(.succeedsUnheard(.ioError), at: .init(1, operation, on: operation == .rename ? "/a" : "/b"))
            let files = disk.files(host: 0, process: 1)
            try files.replaceContents(of: "/a", with: [1])
            #expect(errors({ try body(files) }) == [.ioError], "\(operation)")
            #expect(try isThere("/b", on: disk), "\(operation)")
        }
    }

    @Test func otherBytesComeOnceOrFromThenOn() throws {
        for isLasting in [false, true] {
            let disk = disk(.otherBytes(isLasting: isLasting), at: .init(2, .read, on: "/a"))
            let files = disk.files(host: 0, process: 1)
            try files.replaceContents(of: "/a", with: [1, 2, 3])
            try files.replaceContents(of: "/other", with: [1, 2, 3])
            let reads = try (0..<3).map { _ in try files.contents(of: "/a", limit: 3) == [1, 2, 3] }
            #expect(reads == [true, false, !isLasting] && disk.hasRottenFiles == isLasting)
            // The damage is the file's, whatever it is called.
            try files.rename("/a", to: "/moved")
            #expect(try (files.contents(of: "/moved", limit: 3) == [1, 2, 3]) == !isLasting)
            #expect(try files.contents(of: "/other", limit: 3) == [1, 2, 3])
        }
    }

    @Test func slowAndStalledOperationsLetTimePass() throws {
        let passed = Mutex(Duration.zero)
        let disk = SimulatedDisk(
            seed: 1,
            faults: [DiskFault(.slow(.seconds(3)), at: .init(1, .create)), DiskFault(.stalls, at: .init(1, .rename))],
            delay: { duration in passed.withLock { $0 += duration } })
        let files = disk.files(host: 0, process: 1)
        _ = try files.create("/a")
        #expect(passed.withLock { $0 } == .seconds(3))
        try files.rename("/a", to: "/b")
        #expect(passed.withLock { $0 } > .seconds(100 * 3600))
        #expect(try isThere("/b", on: disk))
    }

    @Test func whoDiesWhileTheDiskIsSlowDoesNothingMore() throws {
        let held = Mutex<SimulatedDisk?>(nil)
        let disk = SimulatedDisk(
            seed: 1, faults: [DiskFault(.slow(.seconds(3)), at: .init(1, .create))],
            delay: { _ in held.withLock { $0 }?.dies(process: 1) })
        held.withLock { $0 = disk }
        let files = disk.files(host: 0, process: 1)
        #expect(errors({ _ = try files.create("/a") }) == [.noSuchProcess])
        #expect(try !isThere("/a", on: disk))
    }

    /// PostgreSQL trusted the second `fsync` for twenty years.
    @Test func theSynchronizationAfterAFailedOneIsALie() throws {
        for seed in 0..<UInt64(20) {
            let disk = disk(.dropsBytes, at: .init(2, .synchronize, on: "/a"))
            let files = disk.files(host: 0, process: 1)
            let file = try files.create("/a")
            try file.write([1, 2].span)
            try file.synchronize()
            try file.write([3, 4].span)
            #expect(errors({ try file.synchronize() }, { try file.synchronize() }) == [.ioError, nil])
            try file.write([5].span)
            try file.synchronize()
            try files.synchronizeDirectory("/")
            #expect(try files.contents(of: "/a", limit: 9) == [1, 2, 3, 4, 5])
            #expect(try disk.durableSnapshot().contents(of: "/a", limit: 9) == [1, 2, 0, 0, 5])
            let after = disk.snapshotAfterPowerFailure(seed: seed)
            #expect(try after.contents(of: "/a", limit: 9) == [1, 2, 0, 0, 5])
        }
    }

    @Test func aKilledProcessIsToldOfAndMayLeaveHalfAWrite() throws {
        let killed = Mutex<[Int]>([])
        let disk = disk(.kills, at: .init(2, .write))
        disk.whenKilled = { process in killed.withLock { $0.append(process) } }
        let files = disk.files(host: 0, process: 7)
        let file = try files.create("/a")
        try file.write([1, 2, 3].span)
        let write = { try file.write([4, 5, 6].span) }
        #expect(errors(write, write, { _ = try files.create("/b") }) == Array(repeating: .noSuchProcess, count: 3))
        #expect(killed.withLock { $0 } == [7])
        #expect(try disk.snapshot().contents(of: "/a", limit: 9) == [1, 2, 3, 4, 5])
        #expect(try disk.snapshot().names(in: "/") == ["a"])
    }

    @Test func changesAndBytesAreShownToWhoLooksOn() throws {
        let seen = Mutex<[String]>([])
        let written = Mutex<[Int]>([])
        let disk = SimulatedDisk(seed: 1)
        disk.whenChanged = { change in seen.withLock { $0.append("\(change)") } }
        disk.whenWritten = { path, bytes in written.withLock { $0.append(path.utf8.count * 100 + bytes.byteCount) } }
        let files = disk.files(host: 2, process: 3)
        let file = try files.create("/a")
        try file.write([1, 2, 3].span)
        try file.close()
        try files.rename("/a", to: "/b")
        try files.remove("/missing")
        _ = try files.names(in: "/")
        try files.synchronizeDirectory("/")
        try files.synchronizeDirectory("/")
        let place = "of process 3 on host 2:"
        #expect(
            seen.withLock { $0 } == [
                "operation 1 \(place) create /a", "operation 2 \(place) write /a", "operation 3 \(place) close /a",
                "operation 4 \(place) rename /a to /b", "operation 7 \(place) synchronize /",
            ])
        #expect(written.withLock { $0 } == [203])
    }

    @Test func bytesAreFoundAcrossWritesAndNotElsewhere() throws {
        let secret = (100..<120).map { UInt8($0) }
        let search = WrittenBytesSearch(for: [secret, Array(secret.reversed())])
        let disk = SimulatedDisk(seed: 1)
        disk.whenWritten = { path, bytes in search.look(path, bytes) }
        let files = disk.files(host: 0, process: 1)
        let texts: [(String, [[UInt8]])] = [
            ("/whole", [[1] + secret + [2]]), ("/parted", [[7] + secret.prefix(11), secret.dropFirst(11) + [3]]),
            ("/none", [secret.dropLast() + [0]]), ("/interrupted", [secret.prefix(9) + [1] + secret.dropFirst(9)]),
        ]
        for (path, writes) in texts {
            let file = try files.create(FilePath(path))
            for bytes in writes { try file.write(bytes.span) }
        }
        #expect(search.paths == ["/parted", "/whole"])
    }

    @Test func snapshotsStayAsTheyAreAndCannotBeChanged() throws {
        let disk = SimulatedDisk(seed: 1)
        let files = disk.files(host: 0, process: 1)
        try files.replaceContents(of: "/a", with: [1])
        let before = disk.snapshot()
        try files.replaceContents(of: "/a", with: [2, 3])
        try files.replaceContents(of: "/b", with: [4])
        #expect(try before.contents(of: "/a", limit: 9) == [1])
        #expect(try before.names(in: "/") == ["a"])
        let error = Errno.readOnlyFileSystem
        #expect(
            errors(
                { _ = try before.create("/c") }, { try before.remove("/a") }, { try before.rename("/a", to: "/c") },
                { try before.createDirectory("/c") }, { try before.removeDirectory("/c") },
                { _ = try before.lock("/c") }
            ) == Array(repeating: error, count: 6))
        #expect(try disk.snapshot().contents(of: "/a", limit: 9) == [2, 3])
    }
}
