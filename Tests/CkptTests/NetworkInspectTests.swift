import Checkpoints
import Files
import Graphs
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
    private func write(external: Bool = false, encryption: Encryption? = nil) throws -> String {
        let weight = Parameter(name: "fc.weight", value: Tensor(zeros: [3, 2]))
        let model = try MindIRExporter(graphName: "Small").model { rows in
            let trace = Trace()
            let x = trace.input("x", TensorType([rows, 3]))
            return trace.finish(outputs: [x.matrixMultiplied(by: trace.symbol(for: weight)).relu()])
        }
        return try model.save(as: "net", in: FilePath(folder.path), externalLimit: external ? 0 : 1 << 20) {
            guard let encryption else { return $0 }
            return EncryptingFile($0, path: $1, encryption: encryption)
        }.string
    }

    @Test func inputsOperatorsAndParametersAreShown() throws {
        let lines = try CkptRun.succeeding("inspect", try write()).lines
        #expect(lines.contains("graph       Small"))
        #expect(lines.contains("x         Float32  [*, 3]  input"))
        #expect(lines.contains("ReLU-op4  Float32  [*, 2]  output"))
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

    @Test func whatIsNoNetworkIsRefused() throws {
        let path = try folder.write([1, 2, 3], to: "x.mindir")
        let run = try CkptRun(["inspect", path])
        #expect(run.status == 1 && run.errors.hasPrefix("ckpt: error: \(path) is damaged at byte "))
        try CkptRun(["inspect", "--statistics", try write()]).expectRefusal(
            "\(folder.path)/net.mindir is a network; there are statistics of checkpoints only")
    }
}
