import CheckpointsTestKit
import Files
import Foundation
import Graphs
import MindIR
import MindSporeTestKit
import Networks
import SystemPackage
import Tensors
import Testing

/// The files of a model, by size.
struct ModelFileTests {
    /// A model of many parameters that all lie in the same MiB.
    private func model(mebibytes: Int) throws -> MindIRModel {
        let (trace, value) = (Trace(), Tensor(zeros: [1 << 18]))
        let symbols = (0..<mebibytes).map { trace.symbol(for: Parameter(name: "w\($0)", value: value)) }
        return try MindIRExporter().model(of: trace.finish(outputs: symbols))
    }

    @Test func parametersGoOutsideAboveMindSporesLimit() throws {
        #expect(try model(mebibytes: 1024).files(named: "x").map(\.path) == ["x.mindir"])
        let large = try model(mebibytes: 1025)
        #expect(try large.files(named: "out/x").map(\.path) == ["out/x_variables/data_0", "out/x_graph.mindir"])
        #expect(large.parameterByteCount == 1025 << 20)
    }

    @Test func aFileThatMindSporeWouldNotLoadIsRefused() throws {
        #expect(throws: Never.self) { try model(mebibytes: 2047).files(named: "x", externalLimit: .max) }
        #expect(throws: MindIRError.self) { try model(mebibytes: 2048).files(named: "x", externalLimit: .max) }
    }

    @Test func aModelWithoutParametersIsNotTakenForALargeOne() throws {
        let trace = Trace()
        let model = try MindIRExporter().model(of: trace.finish(outputs: [-trace.input("x", TensorType([1]))]))
        #expect(throws: MindIRError.self) { try model.files(named: "x_graph") }
        #expect(try model.files(named: "graph", externalLimit: 0).map(\.path) == ["graph.mindir"])
    }

    @Test func externalParametersAreAlignedAndReadBack() throws {
        let trace = Trace()
        let parameters = [3, 16, 5].enumerated().map { Parameter(name: "w\($0)", value: random([$1])) }
        let graph = trace.finish(outputs: parameters.map(trace.symbol))
        let disk = MemoryFileSystem()
        let path = try MindIRExporter().model(of: graph).save(as: "x", in: "/d", files: disk, externalLimit: 0)
        #expect(path == "/d/x_graph.mindir")
        #expect(try disk.open("/d/x_variables/data_0").byteCount == 64 * 4)
        let reader = try MindIRReader(path, in: disk)
        #expect(reader.parameters.map(\.location) == Array(repeating: "x_variables/data_0", count: 3))
        for parameter in parameters {
            let found = try reader.tensor(parameter.name).elements(of: Float.self)
            #expect(found == parameter.tensor.elements(of: Float.self))
        }
        #expect(try disk.names(in: "/d") == ["x_graph.mindir", "x_variables"])
        #expect(try disk.names(in: "/d/x_variables") == ["data_0"])
    }

    @Test func missingExternalParametersAreNamed() throws {
        let (disk, leNet) = (MemoryFileSystem(), LeNet())
        let model = try MindIRExporter().model(tracing: leNet.graph)
        let path = try model.save(as: "x", in: "/d", files: disk, externalLimit: 0)
        try disk.remove("/d/x_variables/data_0")
        let error = #expect(throws: FileError.self) { try MindIRReader(path, in: disk) }
        #expect(error?.path.string.contains("data_0") == true)
    }
}
