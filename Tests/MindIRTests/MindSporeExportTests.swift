import Foundation
import Graphs
import MindIR
import MindSporeTestKit
import Networks
import SystemPackage
import Tensors
import Testing

/// Lockstep loads what real MindSpore exports, and computes the same with it.
@Suite(.enabled(if: hasMindSpore))
struct MindSporeExportTests {
    private struct Export: Decodable {
        let path: String
        let inputs: [[Int]]
        let parameters: [String: MindSporeModels.StoredTensor]
        let images: MindSporeModels.StoredTensor
        let logits: MindSporeModels.StoredTensor
    }

    @Test func leNetIsLoadedWithAndWithoutItsLoss() throws {
        let models = try MindSporeModels()
        try #require(try models.mindir("write") == nil)
        let exports = try JSONDecoder().decode([Export].self, from: Data(contentsOf: models.url("exports.json")))
        #expect(exports.count == 2)
        for export in exports {
            let leNet = LeNet()
            let reader = try MindIRReader(models.directory.appending(export.path))
            #expect(reader.inputs.map(\.dimensions) == export.inputs)
            #expect(Set(reader.parameters.map(\.name)) == Set(export.parameters.keys))
            try reader.load(into: leNet.network.parameters)
            for parameter in leNet.network.parameters {
                let stored = try models.tensor(try #require(export.parameters[parameter.name]))
                #expect(parameter.tensor.elements(of: Float.self) == stored.elements(of: Float.self), "\(parameter)")
            }
            let images = try models.tensor(export.images)
            let logits = try leNet.graph(rows: images.shape[0]).evaluated([images])[0].elements(of: Float.self)
            for (one, other) in zip(logits, try models.tensor(export.logits).elements(of: Float.self)) {
                #expect(abs(one - other) < 1e-5)
            }
        }
    }
}
