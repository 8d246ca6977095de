import Graphs
import MindIR
import MindSporeTestKit
import Testing

/// Real MindSpore computes the same with networks of layers that Lockstep exports.
@Suite(.enabled(if: hasMindSpore), .serialized)
struct LayerRunTests {
    @Test func everyLayerComputesTheSame() throws {
        let models = try MindSporeModels()
        var operations: Set<String> = []
        for layer in LayerGraph.all {
            operations.formUnion(layer.graph(rows: 2).operationNames)
            let runs = [1, 3].map { (layer.graph(rows: $0), [layer.input(rows: $0)]) }
            try models.add(
                try MindIRExporter().model(tracing: layer.graph), named: layer.name, runs: runs, floor: 1)
        }
        #expect(operations.isSuperset(of: LayerGraph.operationNames))
        let mistakes = try models.run()
        #expect(mistakes == nil)
    }
}
