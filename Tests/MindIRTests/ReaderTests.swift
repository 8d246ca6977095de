import CheckpointsTestKit
import Files
import Foundation
import Graphs
import Memory
import MindIR
import MindSporeTestKit
import Models
import Networks
import SystemPackage
import Tensors
import Testing

/// Files are read back: Lockstep's own, and one that MindSpore has written.
struct ReaderTests {
    /// LeNet-5 as `mindir.py vector` exports it with MindSpore 2.10.
    private static func vector() throws -> [UInt8] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/lenet5.mindir.gz")
        return try Gzip.inflate([UInt8](Data(contentsOf: url)), limit: 1 << 20)
    }

    private static func reader(_ bytes: [UInt8]) throws -> MindIRReader {
        try MindIRReader("lenet5.mindir") { MemoryReadableFile(bytes, path: $0) }
    }

    @Test func whatMindSporeWritesIsShownAndLoaded() throws {
        let reader = try Self.reader(try Self.vector())
        #expect(reader.inputs.map(\.dimensions) == [[1, 1, 32, 32]])
        #expect(reader.outputs.map(\.dimensions) == [[1, 10]])
        let ours = ["Conv2D": 2, "MaxPool": 2, "ReLU": 4, "MatMul": 3, "BiasAdd": 3, "Flatten": 1]
        for (name, count) in ours { #expect(reader.operators[name] == count, "\(name)") }
        let network = LeNet5()
        #expect(try reader.load(into: network.parameters) == [])
        for parameter in network.parameters {
            let expected = (0..<parameter.shape.elementCount).map { Float($0 % 17) / 16 }
            #expect(parameter.tensor.elements(of: Float.self) == expected, "\(parameter)")
        }
    }

    @Test func whatIsExportedIsLoadedBitByBit() throws {
        let (leNet, network) = (LeNet(), LeNet5())
        let reader = try read(try MindIRExporter(graphName: "LeNet5").model(tracing: leNet.graph))
        #expect(reader.graphName == "LeNet5")
        #expect(reader.operators["Conv2D"] == 2 && reader.operators["Constant"] == nil)
        try reader.load(into: network.parameters)
        for (one, other) in zip(network.parameters, leNet.network.parameters) {
            #expect(one.tensor.elements(of: Float.self) == other.tensor.elements(of: Float.self), "\(one)")
        }
    }

    @Test func allTypesOfParametersAreReadBack() throws {
        let trace = Trace()
        let types = ElementType.allCases.filter { $0 != .int4 }
        let parameters = types.map { type in
            let tensor = Tensor(zeros: [2, 3], elementType: type)
            var bytes = tensor.bytes.mutableSpan
            for index in bytes.indices { bytes[index] = UInt8(index % 2) }
            return Parameter(name: "a:\(type)", value: tensor)
        }
        let reader = try read(try MindIRExporter().model(of: trace.finish(outputs: parameters.map(trace.symbol))))
        for parameter in parameters {
            let tensor = try reader.tensor(parameter.name)
            #expect(tensor.type == parameter.tensor.type)
            #expect(tensor.bytes.span[1] == 1, "\(parameter)")
        }
        let int4 = trace.symbol(for: Parameter(name: "i", value: Tensor(zeros: [1], elementType: .int4)))
        #expect(throws: MindIRError.self) { try MindIRExporter().model(of: trace.finish(outputs: [int4])) }
    }

    @Test func aNetworkThatDoesNotFitIsRefusedUnchanged() throws {
        let reader = try Self.reader(try Self.vector())
        let fitting = Parameter(name: "conv1.weight", value: Tensor(zeros: [6, 1, 5, 5]))
        #expect(throws: MindIRError.missing(name: "conv9.weight", path: "lenet5.mindir")) {
            try reader.load(into: [fitting, Parameter(name: "conv9.weight", value: random([1]))])
        }
        let (found, wanted) = (TensorType([10]), TensorType([11]))
        #expect(throws: MindIRError.wrongType(name: "fc3.bias", path: "lenet5.mindir", found: found, wanted: wanted)) {
            try reader.load(into: [fitting, Parameter(name: "fc3.bias", value: random([11]))])
        }
        #expect(fitting.tensor.elements(of: Float.self).allSatisfy { $0 == 0 })
        #expect(try reader.load(into: [fitting]).count == 7)
    }

    @Test func everyTruncationIsNoticedOrHasNoGraph() throws {
        let trace = Trace()
        let weight = trace.symbol(for: Parameter(name: "w", value: random([2])))
        let whole = try bytes(of: try MindIRExporter().model(of: trace.finish(outputs: [weight.relu()])))
        for count in whole.indices {
            #expect(throws: MindIRError.self, "\(count) of \(whole.count) bytes") {
                try Self.reader(Array(whole.prefix(count)))
            }
        }
    }

    @Test func damagedFilesAreRefusedOrReadWithinTheirBounds() throws {
        let whole = Array(try Self.vector().prefix(3000))
        var refused = 0
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 0x80
            do {
                let reader = try Self.reader(damaged)
                for parameter in reader.parameters { _ = try reader.tensor(parameter.name) }
            } catch is MindIRError {
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    @Test(arguments: ["../w", "/w", "a/../../w"]) func placesOutsideOfTheFolderAreRefused(location: String) throws {
        // ModelProto.graph { parameter { dims: 1, data_type: 1, name: "w", external_data { location, length: 4 } } }
        let place = [0x0A, UInt8(location.utf8.count)] + Array(location.utf8) + [0x18, 4]
        let parameter = [0x08, 1, 0x10, 1, 0x3A, 1, 0x77, 0x62, UInt8(place.count)] + place
        let graph = [0x1A, UInt8(parameter.count)] + parameter
        let error = #expect(throws: MindIRError.self) { try Self.reader([0x3A, UInt8(graph.count)] + graph) }
        guard case .damaged(_, _, .locationOutside("w", location)) = error else {
            Issue.record("it was refused with \(String(describing: error))")
            return
        }
    }
}
