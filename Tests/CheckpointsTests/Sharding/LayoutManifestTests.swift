import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Files
import Layouts
import SystemPackage
import Tensors
import Testing

/// What a manifest says of layouts is believed only if it can be.
struct LayoutManifestTests {
    /// A manifest of two ranks that split a matrix, with a part of its text replaced.
    private func manifest(replacing old: String, with new: String) throws -> Manifest {
        let disk = MemoryFileSystem()
        let directory = CheckpointDirectory("/out", fileSystem: disk)
        let mesh = try DeviceMesh(["tp": 2])
        let manifests = try ThreadWorld.run(ranks: 2) { world in
            let layout = try mesh.layout(nil, "tp")
            let parameter = try ShardedParameter("w", whole: [3, 4], layout, local: Tensor(zeros: [3, 2]))
            let plan = SavePlan(.sharded, named: "net", [parameter], mesh: mesh, world: world)
            let progress = TrainingProgress(
                epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
                finished: false)
            let set = CheckpointSet(
                name: "net", kind: .sharded, progress: progress, cause: SaveCause("a test"), mesh: plan.mesh,
                model: "M",
                parameters: plan.records)
            return try CheckpointPublisher(directory, world: world).publish(set, files: plan.files).manifest
        }
        let text = String(decoding: manifests[0].json, as: UTF8.self)
        try #require(text.contains(old))
        return try Manifest(json: Array(text.replacing(old, with: new).utf8), path: "m")
    }

    @Test(arguments: [
        (#""axis" : "tp""#, #""axis" : "xx""#, "the layout of w is wrong: the mesh xx 2 has no axis tp"),
        (
            #""size" : 2"#, #""size" : 3"#,
            "the layout of w is wrong: the mesh tp 3 has 3 ranks, but there are 2"
        ),
        ("Float32", "Float31", "w is Float31[3, 4], which no tensor can be"),
        (
            #""optimizerShardSize" : 0"#, #""optimizerShardSize" : 5"#,
            "the layout of w is wrong: 5 optimizer shards cannot be divided evenly among 1 ranks that hold the same slice"
        ),
        (
            #""worldSize" : 2"#, #""worldSize" : 1000000000"#, "worldSize is 1000000000"
        ),
        (#""worldSize" : 2"#, #""worldSize" : 3"#, "3 ranks saved it, and there are files of 2"),
        (
            #""size" : 2"#, #""size" : 4611686018427387904"#,
            "the layout of w is wrong: a mesh of [4611686018427387904] has more ranks than the 131072 that are allowed"
        ),
    ])
    func whatCannotBeIsRefused(old: String, new: String, problem: String) throws {
        #expect(throws: CheckpointSetError.manifest(path: "m", problem: problem)) {
            try manifest(replacing: old, with: new)
        }
    }

    /// A few kilobytes that speak of very many ranks are checked without work for each of them.
    @Test func layoutsOfManyParametersOverManyRanksAreCheckedByTheirNumbers() throws {
        let parameters = (0..<200).map {
            #"{"name":"p\#($0)","elementType":"Float32","shape":[131072],"layout":{"axes":[["tp"]],"optimizerShardSize":0}}"#
        }
        let text = #"""
            {"formatVersion":1,"id":"1-a","created":"2026-01-01T00:00:00Z","savedBy":"x","worldSize":131072,
            "files":[{"path":"a.ckpt","rank":0,"role":"state","byteCount":1,"xxh3":"0000000000000000"}],
            "checkpoint":{"name":"a","kind":"integrated","mesh":[{"axis":"tp","size":131072}],"model":"M",
            "cause":{"reason":"x"},"progress":{"epoch":1,"stepInEpoch":1,"stepsPerEpoch":1,"step":1,"globalBatch":1,
            "sampleCount":1,"seed":"1","finished":false},"parameters":[\#(parameters.joined(separator: ","))]}}
            """#
        let manifest = try Manifest(json: Array(text.utf8), path: "m")
        #expect(manifest.checkpoint.parameters.count == 200)
    }

    @Test func layoutsAreReadBack() throws {
        let manifest = try manifest(replacing: "\"M\"", with: "\"N\"")
        let layout = try #require(manifest.checkpoint.parameters.first?.layout)
        let mesh = try DeviceMesh(manifest.checkpoint.mesh)
        #expect(try layout.layout(on: mesh) == mesh.layout(nil, "tp"))
    }
}
