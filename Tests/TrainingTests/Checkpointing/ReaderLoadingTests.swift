import Checkpoints
import CheckpointsTestKit
import Files
import Graphs
import Memory
import Synchronization
import SystemPackage
import Tensors
import Testing

@testable import Runs
@testable import Training

/// Parameters that are read straight from a file.
struct ReaderLoadingTests {
    private let file = CountingReader([
        CheckpointEntry("table.__param_key__7", .tensor(TensorType([1], .float32))),
        CheckpointEntry("dense.weight", .tensor(TensorType([2, 2], .float32))),
        CheckpointEntry("dense.bias", .tensor(TensorType([3], .float32))),
    ])

    private func parameter(_ name: String, _ shape: Shape) -> Parameter {
        let parameter = Parameter(shape: shape, initializer: .zeros)
        parameter.name = name
        return parameter
    }

    @Test func whatTheHeaderTellsIsSaidBeforeAnythingIsRead() throws {
        let weight = parameter("dense.weight", [2, 2])
        let missing = #expect(throws: LoadError.self) { try file.load(into: [weight, parameter("other", [1])]) }
        #expect(missing?.description == "net.ckpt has no parameter other, which the network has")
        let wrong = #expect(throws: LoadError.self) { try file.load(into: [weight, parameter("dense.bias", [2])]) }
        #expect(wrong?.description == "dense.bias is Float32[3] in the checkpoint and Float32[2] in the network")
        #expect(file.reads.withLock { $0 } == [])
        #expect(!weight.isInitialized)
    }

    @Test func valuesGoStraightToWhereTheyBelong() throws {
        let parameters = [parameter("dense.bias", [3]), parameter("table", [1]), parameter("dense.weight", [2, 2])]
        try file.load(into: parameters)
        #expect(file.reads.withLock { $0 } == ["dense.bias: 12", "table.__param_key__7: 4", "dense.weight: 16"])
        #expect(parameters.allSatisfy { $0.isInitialized && $0.tensor.bytes.span[3] == 7 })
    }
}

/// A file that is all sevens, and knows what was read of it.
private final class CountingReader: CheckpointReader, Sendable {
    let path: FilePath = "net.ckpt"
    let entries: [CheckpointEntry]
    let reads = Mutex<[String]>([])

    init(_ entries: [CheckpointEntry]) {
        self.entries = entries
    }

    func entry(named name: String) -> CheckpointEntry? { entries.first { $0.name == name } }

    func read(_ name: String, from offset: Int, into bytes: inout MutableSpan<UInt8>) throws(FormatError) {
        reads.withLock { $0.append("\(name): \(bytes.count)") }
        for index in bytes.indices { bytes[index] = 7 }
    }

    func verify() throws(FormatError) -> Bool { false }
}
