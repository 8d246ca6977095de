import Checkpoints
import Foundation
import Testing

/// `ckpt merge` and `split`, beside what MindSpore's `transform_checkpoints` made of the same files.
struct MergeSplitTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private static let parallel = ["plain", "opt"]

    @Test(arguments: parallel, ["ckpt", "json"])
    func slicesOfMindSporeBecomeItsWholeFile(layout: String, strategy: String) throws {
        _ = try CkptRun.succeeding(
            "merge", Vectors.path("parallel/\(layout)/sliced"), folder("x.ckpt"), "--strategy",
            Vectors.path("parallel/strategy/\(layout).\(strategy)"))
        _ = try CkptRun.succeeding(
            "diff", folder("x.ckpt"), Vectors.path("parallel/\(layout)/full/rank_0/net.ckpt"))
    }

    @Test func slicesInSafetensorsFilesDoToo() throws {
        _ = try CkptRun.succeeding(
            "merge", Vectors.path("parallel/plain_safetensors/sliced"), folder("x.safetensors"), "--strategy",
            Vectors.path("parallel/strategy/plain.ckpt"), "--crc")
        _ = try CkptRun.succeeding("verify", folder("x.safetensors"))
        _ = try CkptRun.succeeding(
            "diff", folder("x.safetensors"), Vectors.path("parallel/plain/full/rank_0/net.ckpt"))
    }

    @Test(arguments: parallel)
    func splittingGivesTheFilesOfMindSpore(layout: String) throws {
        _ = try CkptRun.succeeding(
            "split", Vectors.path("parallel/\(layout)/full/rank_0/net.ckpt"), folder("s"), "--strategy",
            Vectors.path("parallel/strategy/\(layout).ckpt"))
        #expect(folder.files == (0..<4).map { "s/rank_\($0)/net\($0).ckpt" })
        for file in folder.files {
            let name = "parallel/\(layout)/sliced/\(file.dropFirst(2))"
            #expect(try folder.bytes(of: file) == Vectors.bytes(of: name), "\(file)")
        }
    }

    @Test(arguments: [CheckpointSet.Kind.sharded, .deduplicated])
    func setOfSlicesBecomesOneFile(kind: CheckpointSet.Kind) throws {
        _ = try SampleSets.publishSharded("net", kind, in: folder)
        _ = try CkptRun.succeeding("merge", folder("net.manifest.json"), folder("x.ckpt"))
        let run = try CkptRun.succeeding("diff", folder("net.manifest.json"), folder("x.ckpt"))
        #expect(run.output == "3 of 3 entries are equal\n")
        let inspected = try CkptRun.succeeding("inspect", folder("x.ckpt"), "--statistics")
        #expect(inspected.lines.contains("matrix  Float32  [4, 8]  128 B    0   31  15.5    0"))
    }

    /// MindSpore loads no `.ckpt` files without redundancy; cut anew by its own strategy, such a set is one that it loads.
    @Test func setWithoutRedundancyIsCutIntoOneWithIt() throws {
        let sharded = try TestFolder()
        _ = try SampleSets.publishSharded("net", .sharded, in: sharded)
        _ = try SampleSets.publishSharded("net", .deduplicated, in: folder)
        _ = try CkptRun.succeeding(
            "split", folder("net.manifest.json"), folder("s"), "--strategy", folder("strategy/net.ckpt"))
        for rank in 0..<4 {
            _ = try CkptRun.succeeding(
                "diff", sharded("rank_\(rank)/net.ckpt"), folder("s/rank_\(rank)/net\(rank).ckpt"))
        }
    }

    @Test func damagedSliceLeavesNothing() throws {
        _ = try SampleSets.publishSharded("net", .sharded, in: folder)
        try folder.damage("rank_1/net.ckpt")
        let run = try CkptRun(["merge", folder("net.manifest.json"), folder("x.ckpt")])
        #expect(run.status == 1 && run.errors.contains("rank_1/net.ckpt is damaged: its checksum is "))
        #expect(!folder.files.contains { $0.contains("x.ckpt") })
    }

    @Test func missingSliceIsNamed() throws {
        try FileManager.default.copyItem(atPath: Vectors.path("parallel/plain/sliced"), toPath: folder("s"))
        try FileManager.default.removeItem(atPath: folder("s/rank_1"))
        try FileManager.default.removeItem(atPath: folder("s/rank_3"))
        let strategy = Vectors.path("parallel/strategy/plain.ckpt")
        try CkptRun(["merge", folder("s"), folder("x.ckpt"), "--strategy", strategy]).expectRefusal(
            "none of the ranks [1, 3] that should hold a slice of col.weight has it")
    }

    @Test func fullDiskLeavesNoFolder() throws {
        try SampleSets.writeLarge(kilobytes: 300, to: folder("net.ckpt"))
        try folder.write(
            Array(
                #"{"current_stage":2,"parallel_layout_item":{"large":{"dev_matrix":[2],"tensor_map":[-1],"#.utf8)
                + Array(
                    #""tensor_shape":[76800],"field":0,"opt_weight_shard_step":0,"opt_weight_shard_size":0}},"#.utf8)
                + Array(#""parallel_strategy_item":{}}"#.utf8), to: "strategy.json")
        let run = try CkptRun(
            ["split", folder("net.ckpt"), folder("s"), "--strategy", folder("strategy.json")], fileKilobytes: 100)
        #expect(run.status == 1 && run.errors.hasSuffix(": File too large\n"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
                "net.ckpt", "strategy.json",
            ])
    }

    @Test func directoryThatExistsIsKept() throws {
        let run = try CkptRun([
            "split", Vectors.path("parallel/plain/full/rank_0/net.ckpt"), folder.path, "--strategy",
            Vectors.path("parallel/strategy/plain.ckpt"),
        ])
        run.expectRefusal("\(folder.path) exists; name a directory that does not")
    }

    @Test func whatDoesNotSayHowItFitsTogetherIsRefused() throws {
        let sliced = Vectors.path("parallel/plain/sliced")
        try CkptRun(["merge", sliced, folder("x.ckpt")]).expectRefusal(
            "\(sliced) is a directory; name its strategy file with --strategy, or the manifest of a set in it")
        let strategy = Vectors.path("parallel/strategy/plain.ckpt")
        try CkptRun(["split", Vectors.path("plain/cell.ckpt"), folder("s"), "--strategy", strategy]).expectRefusal(
            "the strategy names no tensor of \(Vectors.path("plain/cell.ckpt"))")
        #expect(folder.files == [])
    }
}
