import Checkpoints
import Foundation
import Testing

/// `ckpt list`.
struct ListTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        try SampleSets.publish("net-1_5", step: 5, in: folder, at: 0)
        try SampleSets.publish("net-1_9", step: 9, in: folder, at: 60)
    }

    private struct List: Decodable {
        struct Item: Decodable {
            let name: String
            let kind: String
            let step: Int
            let epoch: Int
            let stepInEpoch: Int
            let created: Date
            let byteCount: Int
            let fileCount: Int
            let worldSize: Int
            let reason: String
            let requestingRank: Int?
            let finished: Bool
            let metrics: [String: Double]?
            let whole: String
            let problem: String?
            let id: String
            let run: String?
            let parent: String?
            let generation: Int?
            let depth: Int
        }

        struct Leftover: Decodable {
            let path: String
            let kind: String
            let byteCount: Int
        }

        let sets: [Item]
        let unreadable: [String]
        let doubts: [String]
        let otherFiles: [String]
        let leftovers: [Leftover]
    }

    @Test func newestComesFirst() throws {
        let run = try CkptRun.succeeding("list", folder.path)
        try #require(run.lines.count == 3)
        #expect(run.lines[0].hasPrefix("SET      KIND        STEP  EPOCH"))
        #expect(run.lines[1].hasPrefix("net-1_9  integrated     9      1"))
        #expect(run.lines[1].hasSuffix("a test (rank 0)   by size"))
        #expect(run.lines[2].hasPrefix("net-1_5  integrated     5      1"))
    }

    @Test func jsonSaysAllOfASet() throws {
        let list = try CkptRun.succeeding("list", folder.path, "--json").json(List.self)
        #expect(list.sets.map(\.name) == ["net-1_9", "net-1_5"])
        let set = try #require(list.sets.first)
        #expect(set.kind == "integrated" && set.step == 9 && set.epoch == 1 && set.stepInEpoch == 9)
        #expect(set.created == Date(timeIntervalSince1970: 1_000_000_060))
        #expect(set.byteCount == (try folder.bytes(of: "rank_0/net-1_9.ckpt").count))
        #expect(set.fileCount == 1 && set.worldSize == 1 && !set.finished)
        #expect(set.reason == "a test" && set.requestingRank == 0 && set.metrics == ["loss": 0.5])
        #expect(set.whole == "bySize" && set.problem == nil)
        #expect(list.unreadable == [] && list.otherFiles == [])
    }

    @Test func flippedByteIsFoundByChecksumsOnly() throws {
        try folder.damage("rank_0/net-1_9.ckpt")
        let quick = try CkptRun.succeeding("list", folder.path, "--json").json(List.self)
        #expect(quick.sets.map(\.whole) == ["bySize", "bySize"])
        let thorough = try CkptRun.succeeding("list", folder.path, "--json", "--checksums").json(List.self)
        #expect(thorough.sets.map(\.whole) == ["no", "yes"])
        #expect(thorough.sets[0].problem?.contains("net-1_9.ckpt is damaged: its checksum is ") == true)
    }

    @Test func missingAndShortFilesAreFoundAtOnce() throws {
        try FileManager.default.removeItem(atPath: folder("rank_0/net-1_9.ckpt"))
        try folder.write(Array(folder.bytes(of: "rank_0/net-1_5.ckpt").dropLast()), to: "rank_0/net-1_5.ckpt")
        let list = try CkptRun.succeeding("list", folder.path, "--json").json(List.self)
        #expect(list.sets.map(\.whole) == ["no", "no"])
        #expect(list.sets[0].problem?.hasSuffix("net-1_9.ckpt of checkpoint net-1_9 is missing") == true)
        #expect(list.sets[1].problem?.contains("net-1_5.ckpt is damaged: it has ") == true)
    }

    @Test func whatIsNoSetIsSaid() throws {
        try folder.write([1], to: "other.ckpt")
        try folder.write([0x7B], to: "broken.manifest.json")
        let list = try CkptRun.succeeding("list", folder.path, "--json").json(List.self)
        #expect(list.otherFiles == ["other.ckpt"])
        #expect(list.unreadable.count == 1)
        let run = try CkptRun.succeeding("list", folder.path)
        #expect(run.lines.last == "1 checkpoint file here belongs to no set")
    }

    /// Two runs; the second goes back twice, once behind what it had gone back to.
    @Test func branchesThatWereLeftAreIndentedAboveTheSetFromWhichTheyBegan() throws {
        let folder = try TestFolder()
        var first = RunBranch()
        try SampleSets.publish("old-1_9", step: 9, after: &first, in: folder)
        var branch = RunBranch()
        let root = try SampleSets.publish("net-1_1", step: 1, after: &branch, in: folder)
        let second = try SampleSets.publish("net-1_2", step: 2, after: &branch, in: folder)
        try SampleSets.publish("net-1_3", step: 3, after: &branch, in: folder)
        branch = RunBranch(after: second)
        try SampleSets.publish("b-1_3", step: 3, after: &branch, in: folder)
        branch = RunBranch(after: root)
        let newest = try SampleSets.publish("c-1_2", step: 2, after: &branch, in: folder)
        let lines = try CkptRun.succeeding("list", folder.path).lines.dropFirst()
        #expect(
            lines.map { $0.prefix(12).trimmingCharacters(in: .whitespaces) } == [
                "c-1_2", "| b-1_3", "| | net-1_3", "| net-1_2", "net-1_1", "old-1_9",
            ])
        let list = try CkptRun.succeeding("list", folder.path, "--json").json(List.self)
        #expect(list.sets.map(\.name) == ["c-1_2", "net-1_1", "b-1_3", "net-1_3", "net-1_2", "old-1_9"])
        #expect(list.sets.map(\.depth) == [0, 0, 1, 2, 1, 0] && list.sets.map(\.generation) == [6, 2, 5, 4, 3, 1])
        #expect(list.sets[0].parent == root.id && list.sets[0].run == newest.lineage?.run && list.doubts == [])
    }

    @Test func whatInterruptedSavesHaveLeftIsShown() throws {
        try folder.write([1, 2, 3], to: "rank_0/.net-1_7.ckpt.7-1f.pending")
        try folder.write([1], to: ".net-1_7.manifest.json.7-1f.pending")
        let list = try CkptRun.succeeding("list", folder.path, "--json").json(List.self)
        #expect(
            list.leftovers.map(\.path) == [".net-1_7.manifest.json.7-1f.pending", "rank_0/.net-1_7.ckpt.7-1f.pending"])
        #expect(list.leftovers.map(\.kind) == ["pending", "pending"] && list.leftovers[1].byteCount == 3)
        let run = try CkptRun.succeeding("list", folder.path)
        #expect(run.lines.last?.hasPrefix("2 files (4 B) of no set: a save under way is writing them, or ") == true)
    }

    @Test func namesCannotMoveTheCursor() throws {
        try SampleSets.write(["a\u{1B}[2Jb": .integer(1)], to: folder("x.ckpt"))
        let run = try CkptRun.succeeding("inspect", folder("x.ckpt"))
        #expect(run.output.contains("a\\u{1b}[2Jb"))
    }
}
