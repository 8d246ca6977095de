import CheckpointsTestKit
import DiskSimulation
import Files
import SystemPackage
import Testing

/// The promises of `FileSystem`, kept by every simulated disk as by the memory and the machine.
struct DiskPromiseTests {
    static let all: [(name: String, files: any FileSystem)] = [
        ("memory", MemoryFileSystem()),
        ("a host's disk", SimulatedDisk(.host(3), seed: 1).files(host: 3, process: 1)),
        ("a shared disk", SimulatedDisk(seed: 1).files(host: 0, process: 1)),
        (
            "a shared disk seen late",
            SimulatedDisk(seed: 1, visibilityDelay: .seconds(60)).files(host: 0, process: 1)
        ),
    ]

    private func forEach(_ body: (any FileSystem, FilePath) throws -> Void) throws {
        for (name, files) in Self.all {
            let folder = FilePath("/\(name)").appending("\(UInt64.random(in: 0 ... .max))")
            try files.createDirectory(folder)
            try body(files, folder)
        }
    }

    @Test func whatWasWrittenIsReadBackFromAnyPlace() throws {
        try forEach { files, folder in
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let file = try files.create(folder.appending("a"))
            try file.write(bytes.span.extracting(0..<10))
            try file.write(bytes.span.extracting(10..<100_000))
            try file.synchronize()
            try file.close()
            let reader = try files.open(folder.appending("a"))
            #expect(reader.byteCount == 100_000)
            var part = [UInt8](repeating: 0, count: 1000)
            var span = part.mutableSpan
            try reader.read(into: &span, at: 5000)
            #expect(part == Array(bytes[5000..<6000]))
            #expect(throws: FileError.self) {
                var span = part.mutableSpan
                try reader.read(into: &span, at: 99_001)
            }
        }
    }

    @Test func creatingLeavesAnOpenReaderItsOldBytes() throws {
        try forEach { files, folder in
            let path = folder.appending("a")
            try files.replaceContents(of: path, with: [1, 2, 3])
            let old = try files.open(path)
            let file = try files.create(path)
            try file.write([9, 9].span)
            try file.close()
            #expect(try old.contents(limit: 3) == [1, 2, 3])
            #expect(try files.contents(of: path, limit: 3) == [9, 9])
        }
    }

    @Test func directoriesAreMadeWithThoseAboveThem() throws {
        try forEach { files, folder in
            let deep = folder.appending("x").appending("y").appending("z")
            try files.createDirectory(deep)
            try files.createDirectory(deep)
            #expect(try files.status(of: deep)?.kind == .directory)
            try files.replaceContents(of: folder.appending("file"), with: [])
            #expect(throws: FileError.self) { try files.createDirectory(folder.appending("file").appending("below")) }
            #expect(throws: FileError.self) { try files.removeDirectory(folder.appending("x")) }
            try files.removeDirectory(deep)
            #expect(try files.names(in: folder.appending("x").appending("y")) == [])
        }
    }

    @Test func namesAreSortedAndMissingDirectoriesAreErrors() throws {
        try forEach { files, folder in
            for name in ["b", "a", "ü", "c.tmp"] { try files.replaceContents(of: folder.appending(name), with: []) }
            #expect(try files.names(in: folder) == ["a", "b", "c.tmp", "ü"])
            let missing = folder.appending("missing")
            let bodies: [() throws -> Void] = [
                { _ = try files.names(in: missing) }, { _ = try files.create(missing.appending("a")) },
                { _ = try files.open(missing) }, { try files.rename(missing, to: folder.appending("d")) },
                { try files.synchronizeDirectory(missing) }, { try files.removeDirectory(missing) },
            ]
            for body in bodies {
                let error = #expect(throws: FileError.self) { try body() }
                #expect(error?.errno == .noSuchFileOrDirectory)
            }
        }
    }

    @Test func removingWhatIsNotThereIsNoError() throws {
        try forEach { files, folder in
            try files.remove(folder.appending("missing"))
            try files.replaceContents(of: folder.appending("a"), with: [1])
            try files.remove(folder.appending("a"))
            #expect(try files.status(of: folder.appending("a")) == nil)
            #expect(throws: FileError.self) { try files.remove(folder) }
        }
    }

    @Test func renamingReplacesAndPermissionsStay() throws {
        try forEach { files, folder in
            let (a, b) = (folder.appending("a"), folder.appending("b"))
            try files.replaceContents(of: a, with: [1], permissions: 0o400)
            try files.replaceContents(of: b, with: [2])
            try files.rename(a, to: b)
            #expect(try files.names(in: folder) == ["b"])
            #expect(try files.contents(of: b, limit: 1) == [1])
            let status = try #require(try files.status(of: b))
            #expect(status.kind == .file && status.byteCount == 1)
        }
    }

    @Test func aLockKeepsOthersOutUntilItIsLetGoOf() throws {
        try forEach { files, folder in
            let path = folder.appending("run.lock")
            guard case .taken(let lock) = try files.lock(path) else {
                Issue.record("it is held")
                return
            }
            try lock.note("the first run")
            guard case .held(by: "the first run") = try files.lock(path) else {
                Issue.record("a second one has the lock")
                return
            }
            withExtendedLifetime(lock) {}
        }
        try forEach { files, folder in
            for _ in 0..<2 {
                guard case .taken = try files.lock(folder.appending("run.lock")) else {
                    Issue.record("a lock is held that nobody has")
                    return
                }
            }
            #expect(try files.names(in: folder) == ["run.lock"])
        }
    }

    @Test func aMovedFolderTakesItsFilesAlong() throws {
        let files = SimulatedDisk(seed: 1).files(host: 0, process: 1)
        try files.createDirectory("/a/b")
        try files.replaceContents(of: "/a/b/c", with: [1])
        try files.rename("/a", to: "/z")
        #expect(try files.contents(of: "/z/b/c", limit: 1) == [1])
        #expect(try files.status(of: "/a/b/c") == nil)
        #expect(throws: FileError("rename to /z/b/a", "/z", .invalidArgument)) { try files.rename("/z", to: "/z/b/a") }
        #expect(throws: FileError("open", "/z/b/c/d", .notDirectory)) { try files.open("/z/b/c/d") }
        #expect(throws: FileError("open", "/z/b", .invalidArgument)) { try files.open("/z/b") }
    }

    @Test func whatNothingLeadsToIsForgottenAndNothingElse() throws {
        let disk = SimulatedDisk(seed: 1)
        let files = disk.files(host: 0, process: 1)
        try files.createDirectory("/a")
        try files.replaceContents(of: "/a/kept", with: [7])
        let open = try files.create("/a/open")
        try files.remove("/a/open")
        for number in 0..<6000 {
            try files.replaceContents(of: "/a/status", with: [UInt8(truncatingIfNeeded: number)], isDurable: false)
        }
        try open.write([1].span)
        try open.close()
        #expect(try files.names(in: "/a") == ["kept", "status"])
        #expect(try files.contents(of: "/a/kept", limit: 1) == [7])
        #expect(disk.rememberedFileCount < 5000)
    }
}
