import Checkpoints
import CheckpointsTestKit
import Ciphers
import Collectives
import CollectivesTestKit
import Files
import SystemPackage
import Testing

/// Sets that are saved and restored with a key.
struct AuthenticationTests {
    private let disk = MemoryFileSystem()
    private let manifestPath = output.appending("net-1_2.manifest.json")

    private func key(_ byte: UInt8 = 7) throws -> EncryptionKey {
        try EncryptionKey([UInt8](repeating: byte, count: 16).span)
    }

    private func directory(_ key: EncryptionKey?) -> CheckpointDirectory {
        CheckpointDirectory(output, fileSystem: disk, key: key)
    }

    private func save(_ name: String, step: Int, _ key: EncryptionKey?) throws {
        let directory = directory(key)
        _ = try ThreadWorld.run(ranks: 2) { world in
            try CheckpointPublisher(directory, world: world).publish(
                set(name, step: step), files: [file(name, step: step, rank: world.rank)])
        }
    }

    /// The step of the set that two ranks restore, and why newer ones were passed over.
    private func restore(
        _ key: EncryptionKey?, acceptsUnmarked: Bool = false
    ) throws -> (step: Int, warnings: [String]) {
        let directory = directory(key)
        let restored = try ThreadWorld.run(ranks: 2) { world in
            try CheckpointRestorer(directory, world: world, acceptsUnmarked: acceptsUnmarked).restoreNewest()
        }[0]
        let found = try #require(restored)
        return (found.manifest.checkpoint.progress.step, found.warnings)
    }

    @Test func theKeyThatSavedASetProvesIt() throws {
        try save("net-1_2", step: 2, key())
        #expect(try restore(key()).step == 2)
        #expect(try restore(key()).warnings == [])
        // Whoever has no key compares checksums.
        #expect(try restore(nil).step == 2)
    }

    @Test func anotherKeyProvesNothing() throws {
        try save("net-1_1", step: 1, key(1))
        try save("net-1_2", step: 2, key(2))
        let restored = try restore(key(1))
        #expect(restored.step == 1)
        #expect(
            restored.warnings == [
                "checkpoint net-1_2 of step 2 is not used: the key does not prove checkpoint net-1_2: its manifest was "
                    + "changed since, or written with another key"
            ])
        #expect(throws: CheckpointSetError.self) { try restore(key(3)) }
    }

    @Test func noByteOfAManifestCanBeChanged() throws {
        try save("net-1_2", step: 2, key())
        let key = try key()
        let saved = try disk.contents(of: manifestPath, limit: 1 << 20)
        #expect(String(decoding: saved, as: UTF8.self).contains("\"authentication\" : \""))
        for index in saved.indices {
            var changed = saved
            changed[index] ^= 1
            try disk.replaceContents(of: manifestPath, with: changed)
            // Either it is no manifest any more, or none that the key proves.
            guard let manifest = try directory(key).list().manifests.first else { continue }
            #expect(try directory(key).authenticity(of: manifest, key: key) != .proven, "byte \(index)")
        }
    }

    @Test func aFileOfAnotherSetOrRankIsFound() throws {
        try save("net-1_1", step: 2, key())
        try save("net-1_2", step: 2, key())
        // The same bytes, so that the checksum is right; its code is for another place.
        let directory = try directory(key())
        let (a, b) = (
            try #require(try directory.manifest(named: "net-1_1")),
            try #require(try directory.manifest(named: "net-1_2"))
        )
        #expect(a.files.map(\.xxh3) == b.files.map(\.xxh3))
        #expect(Set((a.files + b.files).compactMap(\.code)).count == 4)
        try directory.verify(a)
    }

    @Test func codesDoNotDependOnHowBytesArrive() throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 7) }
        let records = try [1 << 20, 7_777].map { pieceByteCount in
            let path = FilePath("/pieces")
            let file = RecordedFile(try disk.create(path), at: "pieces", of: "1-a", key: try key())
            for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
                try file.write(bytes.span.extracting(start..<min(start + pieceByteCount, bytes.count)))
            }
            return file.record(rank: 0, role: .state)
        }
        #expect(records[0].code?.utf8.count == 64)
        #expect(records[0] == records[1])
    }

    @Test func aDamagedFileIsPassedOver() throws {
        try save("net-1_1", step: 1, key())
        try save("net-1_2", step: 2, key())
        disk.damage(output.appending("rank_1/net-1_2.ckpt"), at: 5)
        let restored = try restore(key())
        #expect(restored.step == 1)
        #expect(restored.warnings.first?.contains("rank_1/net-1_2.ckpt is damaged") == true)
    }

    @Test func aSetWithoutACodeIsTakenOnlyByName() throws {
        try save("net-1_1", step: 1, key())
        try save("net-1_2", step: 2, nil)
        let restored = try restore(key())
        #expect(restored.step == 1)
        #expect(restored.warnings.first?.contains("its manifest carries no code, as one saved without a key") == true)
        #expect(try restore(key(), acceptsUnmarked: true).step == 2)
    }

    @Test func takingTheCodeAwayDoesNotHelp() throws {
        try save("net-1_2", step: 2, key())
        let text = String(decoding: try disk.contents(of: manifestPath, limit: 1 << 20), as: UTF8.self)
        let stripped = text.replacing(/"authentication" : "[0-9a-f]+",\n/, with: "")
        try disk.replaceContents(of: manifestPath, with: Array(stripped.utf8))
        #expect(throws: CheckpointSetError.self) { try restore(key()) }
    }

    /// Somebody who can write there, but has no key, claims what they like.
    @Test func aPlantedSetPutsNoOtherInTheShade() throws {
        var branch = RunBranch()
        try save("net-1_1", step: 1, after: &branch, key())
        var claimed = branch
        try save("net-1_9", step: 9, after: &claimed, nil)
        try claim(generation: 1000, in: "net-1_9")
        #expect(try save("net-1_2", step: 2, after: &branch, key()).lineage?.generation == 2)
        let planted = try directory(key()).entries().entries.first { $0.name == "net-1_9" }
        #expect(planted?.lineage == nil && planted?.metrics == [:])
        // Whoever has no key has to believe it.
        #expect(try directory(nil).entries().entries.first { $0.name == "net-1_9" }?.lineage?.generation == 1000)
    }

    @Test func aSetThatClaimsTheHighestGenerationLeavesRoomForOthers() throws {
        var branch = RunBranch()
        try save("net-1_1", step: 1, after: &branch, nil)
        try claim(generation: 1 << 53 - 1, in: "net-1_1")
        for step in 2...3 { try save("net-1_\(step)", step: step, after: &branch, nil) }
        let list = try directory(nil).list()
        #expect(list.unreadable.isEmpty, "\(list.unreadable)")
        #expect(list.manifests.map(\.name) == ["net-1_3", "net-1_2", "net-1_1"])
    }

    @discardableResult
    private func save(
        _ name: String, step: Int, after branch: inout RunBranch, _ key: EncryptionKey?
    ) throws -> Manifest {
        let publisher = CheckpointPublisher(directory(key), world: SoloCommunicator(), branch: branch)
        let manifest = try publisher.publish(set(name, step: step), files: [file(name, step: step, rank: 0)]).manifest
        branch = RunBranch(after: manifest)
        return manifest
    }

    private func claim(generation: Int, in name: String) throws {
        let path = output.appending("\(name).manifest.json")
        let text = String(decoding: try disk.contents(of: path, limit: 1 << 20), as: UTF8.self)
        let changed = text.replacing(/"generation" : [0-9]+/, with: "\"generation\" : \(generation)")
        try #require(changed != text)
        try disk.replaceContents(of: path, with: Array(changed.utf8))
    }
}
