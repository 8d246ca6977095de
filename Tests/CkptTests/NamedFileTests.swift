import Checkpoints
import Collectives
import Files
import Graphs
import Layouts
import MindIR
import SystemPackage
import Tensors
import Testing

/// Files of sets that are named by themselves: they must be what the manifest beside them says.
struct NamedFileTests {
    private let folder: TestFolder
    private let environment = ["KEY": "0123456789abcdef"]

    init() throws {
        folder = try TestFolder()
        let weight = Parameter(name: "fc.weight", value: Tensor(zeros: [3, 2]))
        let model = try MindIRExporter(graphName: "Small").model { rows in
            let trace = Trace()
            let x = trace.input("x", TensorType([rows, 3]))
            return trace.finish(outputs: [x.matrixMultiplied(by: trace.symbol(for: weight)).relu()])
        }
        let parts =
            try model.files(named: "rank_0/in", externalLimit: 1 << 20)
            + model.files(named: "rank_0/out", externalLimit: 0)
        let plan = try SavePlan(
            .replicated, named: "a", [ShardedParameter("fc.weight", Tensor(zeros: [3, 2]))],
            mesh: DeviceMesh(["dp": 1]), world: SoloCommunicator())
        let progress = TrainingProgress(
            epoch: 1, stepInEpoch: 1, stepsPerEpoch: 1, step: 1, globalBatch: 1, sampleCount: 1, seed: 1,
            finished: false)
        let set = CheckpointSet(
            name: "a", progress: progress, cause: SaveCause("a test"), mesh: plan.mesh, model: "M",
            parameters: plan.records)
        let networks = parts.map { part in CheckpointFile(part.path, role: .network) { try part.write(to: $0) } }
        _ = try CheckpointPublisher(CheckpointDirectory(FilePath(folder.path)), world: SoloCommunicator()).publish(
            set, files: plan.files + networks)
    }

    /// Changes a byte of the zeros of a tensor: the form stays right.
    private func damageZeros(of name: String) throws {
        var bytes = try folder.bytes(of: name)
        let zeros = try #require(bytes.firstRange(of: [UInt8](repeating: 0, count: 24)))
        bytes[zeros.lowerBound + 12] = 1
        try folder.write(bytes, to: name)
    }

    @Test(arguments: ["rank_0/in.mindir", "rank_0/out_graph.mindir", "rank_0/a.ckpt"])
    func whatIsWholeIsRead(name: String) throws {
        #expect(try CkptRun(["inspect", folder(name)]).status == 0)
        #expect(try CkptRun(["verify", folder(name)]).output.contains("it has the checksum that checkpoint a says"))
    }

    @Test(arguments: ["rank_0/in.mindir", "rank_0/a.ckpt"])
    func aChangedByteIsFoundByEveryCommand(name: String) throws {
        try damageZeros(of: name)
        #expect(try CkptRun(["verify", folder(name)]).status == 1)
        let isNetwork = name.hasSuffix(".mindir")
        let output = folder(isNetwork ? "x.mindir" : "x.ckpt")
        var commands = [["inspect", folder(name)], ["encrypt", folder(name), output, "--key-env", "KEY"]]
        if !isNetwork {
            commands += [
                ["inspect", "--statistics", folder(name)], ["convert", folder(name), folder("x.safetensors")],
                ["diff", folder(name), folder(name)],
            ]
        }
        for command in commands {
            let run = try CkptRun(command, environment: environment)
            #expect(run.status != 0 && run.errors.contains("\(folder(name)) is damaged: its checksum is "), "\(run)")
        }
        // Out of its set nobody can tell.
        try folder.write(folder.bytes(of: name), to: isNetwork ? "alone.mindir" : "alone.ckpt")
        #expect(try CkptRun(["inspect", folder(isNetwork ? "alone.mindir" : "alone.ckpt")]).status == 0)
    }

    @Test func theParametersBesideANetworkAreOfItsSet() throws {
        let data = "rank_0/out_variables/data_0"
        let bytes = try folder.bytes(of: data)
        try folder.damage(data, at: bytes.count - 1)
        for command in ["inspect", "verify"] {
            let run = try CkptRun([command, folder("rank_0/out_graph.mindir")])
            #expect(run.status == 1 && "\(run)".contains("\(data) is damaged"), "\(run)")
        }
        // A network that the set has, and parameters that it has not.
        try folder.write(bytes, to: data)
        try folder.write(
            Array(
                String(decoding: folder.bytes(of: "a.manifest.json"), as: UTF8.self)
                    .replacing("out_variables/data_0", with: "out_variables/data_1").utf8), to: "a.manifest.json")
        let run = try CkptRun(["inspect", folder("rank_0/out_graph.mindir")])
        #expect(run.errors.contains("checkpoint a cannot be read: it has no file \(folder(data))"), "\(run)")
    }

    @Test func withAKeyTheManifestMustBeItsOwn() throws {
        let key = ["--key-env", "KEY"]
        let encrypted = try CkptRun(
            ["encrypt", folder("a.manifest.json"), folder("e")] + key, environment: environment)
        try #require(encrypted.status == 0, "\(encrypted)")
        for name in ["in.mindir", "out_graph.mindir"] {
            let run = try CkptRun(["inspect", folder("e/rank_0/\(name)")] + key, environment: environment)
            #expect(run.status == 0, "\(run)")
        }
        let text = String(decoding: try folder.bytes(of: "e/a.manifest.json"), as: UTF8.self)
        try folder.write(Array(text.replacing("a test", with: "a best").utf8), to: "e/a.manifest.json")
        let run = try CkptRun(["inspect", folder("e/rank_0/in.mindir")] + key, environment: environment)
        #expect(run.status == 1 && run.errors.contains("its manifest was changed since"), "\(run)")
    }
}
