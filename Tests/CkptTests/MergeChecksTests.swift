import Checkpoints
import Files
import Foundation
import SystemPackage
import Tensors
import Testing

/// `ckpt merge` merges what a strategy fits, and refuses what it does not: slices are never written as whole.
struct MergeChecksTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    /// Folders of ranks, each with a tensor "w" and others that all ranks have.
    private func write(_ slices: [[Float]], step: Int = 7) throws {
        for (rank, slice) in slices.enumerated() {
            try FileManager.default.createDirectory(
                atPath: folder("set/rank_\(rank)"), withIntermediateDirectories: true)
            try SampleSets.write(
                [
                    "w": .tensor(Tensor(slice, shape: [slice.count])),
                    "bias": .tensor(Tensor([3, 4] as [Float], shape: [2])),
                    "moment": .tensor(Tensor(zeros: [2])), "step_num": .integer(step),
                ], to: folder("set/rank_\(rank)/net.ckpt"))
        }
    }

    /// A strategy with one parameter on a mesh.
    private func strategy(of name: String = "w", _ devices: [Int], _ map: Int) throws -> String {
        let layout = #"{"dev_matrix":\#(devices),"tensor_map":[\#(map)],"tensor_shape":[8]}"#
        let json = #"{"current_stage":2,"parallel_layout_item":{"\#(name)":\#(layout)},"parallel_strategy_item":{}}"#
        return try folder.write(Array(json.utf8), to: "strategy.json")
    }

    private func merge(_ strategy: String?) throws -> CkptRun {
        let arguments = ["merge", folder("set"), folder("x.ckpt")]
        return try CkptRun(arguments + (strategy.map { ["--strategy", $0] } ?? []))
    }

    private func expectMismatch(_ strategy: String, _ problem: String) throws {
        try merge(strategy).expectRefusal("\(strategy) is not the strategy of \(folder("set")): \(problem)")
        #expect(!folder.files.contains { $0.contains("x.ckpt") })
    }

    private static let quarters: [[Float]] = [[1, 2], [3, 4], [5, 6], [7, 8]]
    private static let halves: [[Float]] = [[1, 2], [3, 4], [1, 2], [3, 4]]

    @Test func itsOwnStrategyMerges() throws {
        try write(Self.halves)
        try #require(try merge(strategy([2, 2], 0)).status == 0)
        try SampleSets.write(
            [
                "w": .tensor(Tensor([1, 2, 3, 4] as [Float], shape: [4])),
                "bias": .tensor(Tensor([3, 4] as [Float], shape: [2])), "moment": .tensor(Tensor(zeros: [2])),
                "step_num": .integer(7),
            ], to: folder("whole.ckpt"))
        _ = try CkptRun.succeeding("diff", folder("x.ckpt"), folder("whole.ckpt"))
    }

    @Test func slicesThatTheStrategyForgetsAreNotWhole() throws {
        try write(Self.quarters)
        try expectMismatch(strategy(of: "bias", [4], -1), "ranks 0 and 1 hold different values of w")
    }

    @Test func strategyWithFewerPartsIsRefused() throws {
        try write(Self.quarters)
        try expectMismatch(strategy([2, 2], 0), "ranks 0 and 2 hold different values of w")
    }

    /// What ranks hold alike of one parameter, they may hold differently of another.
    @Test func ranksThatDifferSomewhereAreNotTheSame() throws {
        for rank in 0..<2 {
            try FileManager.default.createDirectory(
                atPath: folder("set/rank_\(rank)"), withIntermediateDirectories: true)
            try SampleSets.write(
                [
                    "w": .tensor(Tensor([1, 2] as [Float], shape: [2])),
                    "v": .tensor(Tensor([Float(rank), 5], shape: [2])),
                ], to: folder("set/rank_\(rank)/net.ckpt"))
        }
        let layout = #"{"dev_matrix":[2],"tensor_map":[0],"tensor_shape":[4]}"#
        let json =
            #"{"current_stage":2,"parallel_layout_item":{"w":\#(layout),"v":\#(layout)},"parallel_strategy_item":{}}"#
        #expect(try merge(folder.write(Array(json.utf8), to: "strategy.json")).status == 0)
    }

    @Test func strategyWithMorePartsIsRefused() throws {
        try write(Self.halves)
        try expectMismatch(
            strategy([4], 0), "ranks 0 and 2 hold the same of w, and should hold different slices")
    }

    /// Of a thousand ranks that each are compared with all others, nothing comes of it in a minute.
    @Test(.timeLimit(.minutes(1))) func ranksAreNotComparedTwoByTwo() throws {
        let count = 600
        for rank in 0..<count {
            try FileManager.default.createDirectory(
                atPath: folder("set/rank_\(rank)"), withIntermediateDirectories: true)
            let file = try LocalFileSystem().create(FilePath(folder("set/rank_\(rank)/net.ckpt")))
            let writer = CkptWriter(to: file)
            for name in 0..<20 {
                let value = Float(name == 7 ? rank % (count - 1) : rank)
                try writer.write("w\(name)", Tensor([value, 1], shape: [2]))
            }
            try writer.finish()
            try file.close()
        }
        let layout = #"{"dev_matrix":[\#(count)],"tensor_map":[0],"tensor_shape":[\#(2 * count)]}"#
        let items = (0..<20).map { "\"w\($0)\":\(layout)" }.joined(separator: ",")
        let json = #"{"current_stage":2,"parallel_layout_item":{\#(items)},"parallel_strategy_item":{}}"#
        let strategy = try folder.write(Array(json.utf8), to: "strategy.json")
        #expect(try merge(strategy).status == 0)
    }

    @Test func strategyForFewerRanksIsRefused() throws {
        try write(Self.quarters)
        try expectMismatch(strategy([2], 0), "it is for 2 ranks, and there is a rank 3")
    }

    @Test func strategyOfAnotherModelIsRefused() throws {
        try write(Self.quarters)
        try expectMismatch(strategy(of: "other", [4], 0), "it names no tensor of them")
    }

    @Test func strategyOfAPipelineIsRefused() throws {
        try write(Self.quarters)
        try expectMismatch(
            strategy(of: "0-w", [4], 0), "it is one of several pipeline stages (0-w), which cannot be merged")
    }

    /// What data parallel ranks save with `remove_redundancy` has no strategy.
    @Test func foldersWithoutRedundancyNeedNoStrategy() throws {
        let files = (0..<4).map { "rank_\($0)/net_rank_\($0)-1_2.ckpt" }
        for file in files {
            let path = folder("set/\(file)")
            try FileManager.default.createDirectory(
                atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: Vectors.path("redundancy/\(file)"), toPath: path)
        }
        try #require(try merge(nil).status == 0)
        var names: Set<String> = []
        for file in files {
            let run = try CkptRun(["diff", folder("set/\(file)"), folder("x.ckpt"), "--json"])
            let comparison = try run.json(Comparison.self)
            #expect(comparison.entries.allSatisfy { ["equal", "onlyInSecond"].contains($0.state) })
            names.formUnion(comparison.entries.filter { $0.state == "equal" }.map(\.name))
        }
        let whole = try CkptRun.succeeding("diff", folder("x.ckpt"), folder("x.ckpt")).output
        #expect(whole == "\(names.count) of \(names.count) entries are equal\n")
    }

    private struct Comparison: Decodable {
        struct Entry: Decodable {
            let name: String
            let state: String
        }

        let entries: [Entry]
    }

    @Test func slicesWithoutStrategyAreRefused() throws {
        try write(Self.quarters)
        try merge(nil).expectRefusal(
            "\(folder("set")) is a directory; name its strategy file with --strategy, or the manifest of a set in it")
    }

    @Test func wrongCRCIsNotMadeRight() throws {
        try write(Self.halves)
        try FileManager.default.removeItem(atPath: folder("set/rank_1/net.ckpt"))
        try SampleSets.write(
            ["w": .tensor(Tensor([3, 4] as [Float], shape: [2]))], to: folder("set/rank_1/net.ckpt"), crc: true)
        try folder.damage("set/rank_1/net.ckpt", at: 30)
        let run = try merge(strategy([2, 2], 0))
        #expect(run.status == 1 && folder.files.allSatisfy { !$0.contains("x.ckpt") }, "\(run)")
    }
}
