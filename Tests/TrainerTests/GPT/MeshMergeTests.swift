import Foundation
import MPITestKit
import MindSporeTestKit
import SystemPackage
import Testing

extension MPITests.TrainerTests {
    /// Real MindSpore puts the slices of a GPT's run on 4 × 2 ranks together, with the strategy file beside them.
    @Suite struct MeshMergeTests {
        @Test(.enabled(if: hasMindSpore)) func mindSporeMergesTheSlicesIntoTheIntegratedSave() throws {
            let folder = try TestFolder()
            // One mesh, one seed: the two runs make the same parameters bit for bit.
            for (name, option) in [("sharded", "--no-integrated-save"), ("integrated", "--integrated-save")] {
                let run = folder.path.appending("run-\(name)")
                try folder.gpt(dp: 4, tp: 2, epochs: 1, steps: 6, into: run, ["--save-every-steps", "6", option])
                    .finish()
                for rank in 0..<(name == "sharded" ? 8 : 1) {
                    try copy(
                        run.appending("rank_\(rank)/CKP-1_6.ckpt"), to: "\(name)/rank_\(rank)/net.ckpt", in: folder)
                }
                guard name == "sharded" else { continue }
                try copy(run.appending("strategy/CKP-1_6.ckpt"), to: "sharded/strategy/net.ckpt", in: folder)
            }
            #expect(try MindSporeScript("parallel.py").run(["merge", folder.path.string, "ckpt"]) == nil)
        }

        private func copy(_ file: FilePath, to name: String, in folder: TestFolder) throws {
            let target = folder.url(name)
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: URL(filePath: file.string), to: target)
        }
    }
}
