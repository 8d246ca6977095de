import Checkpoints
import Ciphers
import Collectives
import Files
import Graphs
import Layouts
import MindIR
import SystemPackage
import Tensors
import Testing

/// `ckpt inspect` of `.mindir` files.
struct NetworkInspectTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    private struct Network: Decodable {
        let graph: String
        let encryption: String?
        let inputs: [Value]
        let outputs: [Value]
        let operators: [String: Int]
        let parameters: [Parameter]

        struct Value: Decodable {
            let name: String
            let shape: [Int]
        }

        struct Parameter: Decodable, Equatable {
            let name: String
            let elementType: String
            let shape: [Int]
            let byteCount: Int
            let location: String?
        }
    }

    /// relu(x · w) for any number of rows, of which w lies outside of the file or not.
    private func model() throws -> MindIRModel {
        let weight = Parameter(name: "fc.weight", value: Tensor(zeros: [3, 2]))
        return try MindIRExporter(graphName: "Small").model { rows in
            let trace = Trace()
            let x = trace.input("x", TensorType([rows, 3]))
            return trace.finish(outputs: [x.matrixMultiplied(by: trace.symbol(for: weight)).relu()])
        }
    }

    private func write(external: Bool = false, encryption: Encryption? = nil) throws -> String {
        try model().save(as: "net", in: FilePath(folder.path), externalLimit: external ? 0 : 1 << 20) {
            guard let encryption else { return $0 }
            return EncryptingFile($0, path: $1, encryption: encryption)
        }.string
    }

    @Test(arguments: ["AES-GCM", "AES-CBC", "SM4-CBC"]) func networksAreEncryptedAndDecrypted(mode: String) throws {
        let plain = try write()
        let bytes = try folder.bytes(of: "net.mindir")
        try folder.writeKey(Array(Vectors.key.utf8), to: "key")
        try folder.writeKey(Array("hex:000102030405060708090a0b0c0d0e0f".utf8), to: "other")
        let (key, other) = (["--key-file", folder("key")], ["--key-file", folder("other")])
        #expect(try CkptRun(["encrypt", plain, folder("e.mindir"), "--mode", mode] + key).status == 0)
        let inspected = try CkptRun(["inspect", folder("e.mindir")] + key)
        #expect(inspected.lines.contains("form        MindIR, encrypted (\(mode))"))
        let verified = try CkptRun(["verify", folder("e.mindir")] + key)
        #expect(verified.status == 2, "\(verified)")
        #expect(verified.output.contains("each block is authentic") == (mode == "AES-GCM"), "\(verified)")
        let files = folder.files
        let refused = try CkptRun(["decrypt", folder("e.mindir"), folder("x.mindir")] + other)
        #expect(refused.status == 1 && folder.files == files)
        let rekey = ["rekey", folder("e.mindir"), folder("r.mindir"), "--new-key-file", folder("other")]
        #expect(try CkptRun(rekey + key).status == 0)
        #expect(try CkptRun(["decrypt", folder("r.mindir"), folder("d.mindir")] + other).status == 0)
        #expect(try folder.bytes(of: "d.mindir") == bytes)
    }

    @Test func networksAreVerifiedByTheirStructure() throws {
        let path = try write()
        let sound = try CkptRun(["verify", path])
        #expect(sound.status == 2 && sound.output.contains("its structure is right"), "\(sound)")
        try folder.write(folder.bytes(of: "net.mindir").dropLast(5), to: "cut.mindir")
        let cut = try CkptRun(["verify", folder("cut.mindir")])
        #expect(cut.status == 1 && cut.output.contains("cut.mindir: damaged: "), "\(cut)")
        try CkptRun(["convert", path, folder("x.safetensors")]).expectRefusal(
            "\(path) is a network; name a checkpoint")
    }

    @Test func aNetworkInSeveralFilesIsNotEncryptedAlone() throws {
        let path = try write(external: true)
        try folder.writeKey(Array(Vectors.key.utf8), to: "key")
        try CkptRun(["encrypt", path, folder("e.mindir"), "--key-file", folder("key")]).expectRefusal(
            "\(path) has parameters in \(folder("net_variables/data_0")); name the manifest of its set instead")
    }

    @Test func inputsOperatorsAndParametersAreShown() throws {
        let lines = try CkptRun.succeeding("inspect", try write()).lines
        #expect(lines.contains("graph       Small"))
        #expect(lines.contains("x         Float32  [*, 3]  input"))
        #expect(lines.contains("ReLU-op2  Float32  [*, 2]  output"))
        #expect(lines.contains("MatMul        1"))
        #expect(lines.contains("fc.weight  Float32  [3, 2]  24 B"))
    }

    @Test func jsonSaysWhereParametersLie() throws {
        let network: Network = try CkptRun.succeeding("inspect", "--json", try write(external: true)).json()
        #expect(network.graph == "Small" && network.encryption == nil)
        #expect(network.inputs.map(\.shape) == [[-1, 3]] && network.outputs.map(\.shape) == [[-1, 2]])
        #expect(network.operators == ["MatMul": 1, "ReLU": 1])
        let weight = Network.Parameter(
            name: "fc.weight", elementType: "Float32", shape: [3, 2], byteCount: 24, location: "net_variables/data_0")
        #expect(network.parameters == [weight])
    }

    @Test func anEncryptedNetworkNeedsItsKey() throws {
        let key = try EncryptionKey(Array("0123456789abcdef".utf8).span)
        let path = try write(external: true, encryption: Encryption(key: key, mode: .sm4CBC))
        try CkptRun(["inspect", path]).expectRefusal(
            "\(path) is encrypted (SM4-CBC); name its key with --key-file or --key-env")
        let run = try CkptRun.succeeding(
            "inspect", "--json", "--key-env", "KEY", path, environment: ["KEY": "0123456789abcdef"])
        let network: Network = try run.json()
        #expect(network.encryption == "SM4-CBC" && network.parameters.count == 1)
    }

    @Test func aSetIsEncryptedWithItsNetwork() throws {
        let plan = try SavePlan(
            .replicated, named: "a", [ShardedParameter("fc.weight", Tensor(zeros: [3, 2]))],
            mesh: DeviceMesh(["dp": 1]), world: SoloCommunicator())
        let set = CheckpointSet(
            name: "a",
            progress: TrainingProgress(
                epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
                finished: false), cause: SaveCause("a test"), mesh: plan.mesh, model: "M", parameters: plan.records)
        let networks = try model().files(named: "rank_0/a", externalLimit: 0).map { part in
            CheckpointFile(part.path, role: .network) { try part.write(to: $0) }
        }
        _ = try CheckpointPublisher(CheckpointDirectory(FilePath(folder.path)), world: SoloCommunicator()).publish(
            set, files: plan.files + networks)
        let key = (["--key-env", "KEY"], ["KEY": "0123456789abcdef"])
        let steps = [
            ["encrypt", folder("a.manifest.json"), folder("e")], ["decrypt", folder("e/a.manifest.json"), folder("d")],
        ]
        for step in steps {
            let run = try CkptRun(step + key.0, environment: key.1)
            try #require(run.status == 0, "\(run)")
        }
        let locked: Network = try CkptRun(
            ["inspect", "--json", folder("e/rank_0/a_graph.mindir")] + key.0, environment: key.1
        ).json()
        #expect(locked.encryption == "AES-GCM" && locked.parameters.count == 1)
        for name in ["a_graph.mindir", "a_variables/data_0"] {
            #expect(try folder.bytes(of: "d/rank_0/\(name)") == folder.bytes(of: "rank_0/\(name)"))
        }
    }

    @Test func whatIsNoNetworkIsRefused() throws {
        let path = try folder.write([1, 2, 3], to: "x.mindir")
        let run = try CkptRun(["inspect", path])
        #expect(run.status == 1 && run.errors.hasPrefix("ckpt: error: \(path) is damaged at byte "))
        try CkptRun(["inspect", "--statistics", try write()]).expectRefusal(
            "\(folder.path)/net.mindir is a network; there are statistics of checkpoints only")
    }
}
