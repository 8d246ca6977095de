import Graphs
import MindIR
import MindSporeTestKit
import Networks
import Tensors
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

    @Test func firstAndLastStatesOfAnLSTMAreInputsAndOutputs() throws {
        let lstm = LSTM(3, 4, numLayers: 2, batchFirst: true, bidirectional: true)
        lstm.fill()
        func shapes(_ rows: Int) -> [Shape] { [[rows, 6, 3], [4, rows, 4], [4, rows, 4]] }
        func graph(rows: Int) -> Graph {
            let trace = Trace()
            let x = shapes(rows).enumerated().map { trace.input("x\($0)", TensorType($1)) }
            let (output, last) = lstm(x[0], hx: (x[1], x[2]))
            return trace.finish(outputs: [output, last.h, last.c])
        }
        let models = try MindSporeModels()
        let runs = [1, 3].map { rows in
            (graph(rows: rows), shapes(rows).enumerated().map { random($1, seed: UInt64($0)) })
        }
        try models.add(try MindIRExporter().model(tracing: graph), named: "LSTM-states", runs: runs, floor: 1)
        let mistakes = try models.run()
        #expect(mistakes == nil)
    }
}
