import Checkpoints
import Ciphers
import Files
import Foundation
import Glibc
import SystemPackage
import Testing

/// `ckpt prune`.
struct PruneTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private struct Pruning: Decodable {
        struct Decision: Decodable {
            let name: String
            let run: String
            let step: Int
            let byteCount: Int
            let kept: Bool
            let why: String
        }

        let dryRun: Bool
        let sets: [Decision]

        var kept: [String] { sets.filter(\.kept).map(\.name).sorted() }
    }

    private func publish(_ prefix: String = "net", steps: [Int]) throws {
        for step in steps { try SampleSets.publish("\(prefix)-1_\(step)", step: step, in: folder, at: step) }
    }

    private func prune(_ arguments: String...) throws -> Pruning {
        let run = try CkptRun(["prune", folder.path, "--json"] + arguments)
        try #require(run.status == 0, "\(run)")
        return try run.json()
    }

    private var manifests: [String] { folder.files.filter { $0.hasSuffix(".manifest.json") } }

    @Test func latestStay() throws {
        try publish(steps: [1, 2, 3, 4])
        #expect(try prune("--keep", "2").kept == ["net-1_3", "net-1_4"])
        #expect(
            folder.files == [
                "net-1_3.manifest.json", "net-1_4.manifest.json", "rank_0/net-1_3.ckpt", "rank_0/net-1_4.ckpt",
            ])
        _ = try CkptRun.succeeding("verify", folder.path)
    }

    /// Somebody without the key has put a newer set there.
    @Test func withAKeyOnlyWhatItProvesCountsAndGoes() throws {
        let encryption = try Encryption(key: EncryptionKey(Array("0123456789abcdef".utf8).span))
        try folder.writeKey(Array("0123456789abcdef".utf8), to: "key")
        for step in 1...3 {
            try SampleSets.publish("net-1_\(step)", step: step, in: folder, at: step, encryption: encryption)
        }
        try publish(steps: [9])
        let pruning = try prune("--keep", "1", "--key-file", folder("key"))
        #expect(pruning.kept == ["net-1_3", "net-1_9"])
        #expect(pruning.sets.first { $0.name == "net-1_9" }?.why == "the key does not prove it")
        #expect(manifests == ["net-1_3.manifest.json", "net-1_9.manifest.json"])
        #expect(try prune("--keep", "1").kept == ["net-1_9"])
    }

    /// A run with a key leaves them: nothing proves what they say.
    @Test func interruptedRemovalsAreFinished() throws {
        try publish(steps: [1, 2])
        let set = try #require(try CheckpointDirectory(FilePath(folder.path)).manifest(named: "net-1_1"))
        try LocalFileSystem().rename(
            FilePath(folder("net-1_1.manifest.json")), to: FilePath(folder(".net-1_1.\(set.id).removed")))
        _ = try prune("--keep", "1", "--dry-run")
        #expect(folder.files.contains("rank_0/net-1_1.ckpt"))
        try folder.writeKey(Array("0123456789abcdef".utf8), to: "key")
        _ = try prune("--keep", "1", "--key-file", folder("key"))
        #expect(folder.files.contains("rank_0/net-1_1.ckpt"))
        #expect(try prune("--keep", "1").kept == ["net-1_2"])
        #expect(folder.files == ["key", "net-1_2.manifest.json", "rank_0/net-1_2.ckpt"])
    }

    @Test func dryRunDeletesNothing() throws {
        try publish(steps: [1, 2, 3])
        let before = folder.files
        let pruning = try prune("--keep", "1", "--dry-run")
        #expect(pruning.dryRun && pruning.kept == ["net-1_3"])
        let run = try CkptRun.succeeding("prune", folder.path, "--keep", "1", "--dry-run")
        #expect(run.output.contains("would go"))
        #expect(folder.files == before)
    }

    @Test func everyNthStepStays() throws {
        try publish(steps: [5, 10, 15, 20, 23])
        #expect(try prune("--keep", "1", "--keep-every", "10").kept == ["net-1_10", "net-1_20", "net-1_23"])
        #expect(manifests.count == 3)
    }

    @Test func runsAreLookedAtOneByOne() throws {
        try publish("a", steps: [1, 2])
        try publish("a-b", steps: [8, 9])
        try SampleSets.publish("LeNet5_train", step: 3, in: folder)
        #expect(try prune("--keep", "1").kept == ["LeNet5_train", "a-1_2", "a-b-1_9"])
    }

    @Test func newestThatIsWholeStaysBesideDamagedOnes() throws {
        try publish(steps: [1, 2, 3, 4])
        try folder.damage("rank_0/net-1_4.ckpt")
        try folder.damage("rank_0/net-1_3.ckpt")
        let pruning = try prune("--keep", "1")
        #expect(pruning.kept == ["net-1_2", "net-1_4"])
        #expect(pruning.sets.first { $0.name == "net-1_2" }?.why == "the newest that is whole")
    }

    @Test func nothingGoesWhereNothingIsWhole() throws {
        try publish(steps: [1, 2])
        try folder.damage("rank_0/net-1_1.ckpt")
        try folder.damage("rank_0/net-1_2.ckpt")
        #expect(try prune("--keep", "1").kept == ["net-1_1", "net-1_2"])
    }

    /// The newest follows the third; the lowest loss lies on the branch that was left.
    private func publishBranches(_ retention: Retention?) throws {
        var branch = RunBranch()
        var sets: [Manifest] = []
        for (step, loss) in [(1, 5.0), (2, 4), (3, 3), (4, 1), (5, 2)] {
            sets.append(
                try SampleSets.publish(
                    "net-1_\(step)", step: step, after: &branch, loss: loss, keeping: retention, in: folder))
        }
        branch = RunBranch(after: sets[2])
        try SampleSets.publish("net-2_4", step: 4, after: &branch, loss: 6, keeping: retention, in: folder)
    }

    @Test func rulesOfTheRunDecideAndItsBestStays() throws {
        try publishBranches([.latest(2), .best(1, of: "loss", .lowest)])
        // The best of the branch, and that of all.
        #expect(try prune("--dry-run").kept == ["net-1_3", "net-1_4", "net-2_4"])
        #expect(try prune("--dry-run", "--keep", "1").kept == ["net-1_3", "net-1_4", "net-2_4"])
        #expect(try prune("--dry-run", "--keep", "1", "--ignore-rules").kept == ["net-2_4"])
        #expect(try prune().kept == ["net-1_3", "net-1_4", "net-2_4"])
        #expect(manifests.count == 3)
    }

    @Test func setsThatTheRunHasLeftMakeRoomFirst() throws {
        try publishBranches(nil)
        #expect(try prune("--dry-run", "--keep", "3").kept == ["net-1_2", "net-1_3", "net-2_4"])
        #expect(try prune("--dry-run", "--keep", "5").kept == ["net-1_1", "net-1_2", "net-1_3", "net-1_5", "net-2_4"])
    }

    @Test func withoutAnyRuleItMustBeSaidHowManyStay() throws {
        try publish(steps: [1, 2])
        let run = try CkptRun(["prune", folder.path])
        run.expectRefusal(
            "the sets in \(folder.path) do not say by which rules they are kept; say by --keep how many stay")
        #expect(manifests.count == 2)
    }

    @Test func nothingIsDeletedWhereARunGoesOn() throws {
        try publish(steps: [1, 2])
        let lock = try FileLock.take(FilePath(folder("run.lock")))
        let run = try CkptRun(["prune", folder.path, "--keep", "1"])
        run.expectRefusal(
            "a run goes on in \(folder.path) (process \(getpid()) on this host), which removes by itself what it does not "
                + "keep; prune when it has ended")
        withExtendedLifetime(lock) {}
        #expect(manifests.count == 2)
    }

    /// Anybody may have put it there.
    @Test func manifestsThatCannotBeReadAreToldOfAndPassedOver() throws {
        try publish(steps: [1, 2])
        try folder.write([0x7B], to: "broken.manifest.json")
        try FileManager.default.createDirectory(
            atPath: folder("net-1_9.manifest.json"), withIntermediateDirectories: false)
        try FileManager.default.createDirectory(
            atPath: folder(".net-1_9.1-1.removed"), withIntermediateDirectories: false)
        let run = try CkptRun(["prune", folder.path, "--keep", "1"])
        #expect(run.status == 0, "\(run)")
        #expect(
            run.errors.contains(
                "note: \(folder("broken.manifest.json")) is no manifest that can be read: it is no JSON"),
            "\(run)")
        #expect(folder.files == ["broken.manifest.json", "net-1_2.manifest.json", "rank_0/net-1_2.ckpt"])
        let list = try CkptRun.succeeding("list", folder.path)
        #expect(list.output.contains("net-1_2") && list.output.contains("broken.manifest.json is no manifest"))
    }

    /// Somebody has put a directory in the place of a file of a set.
    @Test func aSetThatCannotGoKeepsNoOther() throws {
        try publish(steps: [1, 2, 3])
        try FileManager.default.removeItem(atPath: folder("rank_0/net-1_1.ckpt"))
        try FileManager.default.createDirectory(
            atPath: folder("rank_0/net-1_1.ckpt"), withIntermediateDirectories: false)
        let run = try CkptRun(["prune", folder.path, "--keep", "1"])
        #expect(run.status == 1 && run.errors.contains("net-1_1.ckpt"), "\(run)")
        #expect(run.output.contains("not all of it could be deleted") && run.output.contains("1 set,"), "\(run)")
        #expect(manifests == ["net-1_3.manifest.json"] && !folder.files.contains("rank_0/net-1_2.ckpt"))
    }

    @Test func filesOfNoSetStay() throws {
        try publish(steps: [1, 2])
        try folder.write([1], to: "rank_0/net-1_0.ckpt")
        _ = try prune("--keep", "1")
        #expect(folder.files == ["net-1_2.manifest.json", "rank_0/net-1_0.ckpt", "rank_0/net-1_2.ckpt"])
    }
}
