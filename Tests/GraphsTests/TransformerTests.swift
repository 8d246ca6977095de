import Collectives
import CollectivesTestKit
import Memory
import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// The operations of transformers that no table of plain loops can check.
@Suite struct TransformerTests {
    @Test func dropoutPassesTheGradientWhereItKeptAnElement() throws {
        let cursor = StepCursor(seed: 4)
        cursor.move(toStep: 7, firstSample: 3)
        let trace = Trace(cursor: cursor)
        let x = trace.input("x", TensorType([6, 33]))
        let dropout = DropoutSettings(rate: 0.25, seed: 4, stream: 2, columns: 33)
        let y = x.dropped(dropout)
        let gradients = trace.gradients(of: y.sum(), withRespectTo: [x])
        let ones = Tensor([Float](repeating: 1, count: 198), shape: [6, 33])
        let results = try trace.finish(outputs: [y] + gradients.compactMap(\.self)).evaluated([ones])
        #expect(results[0] == results[1])
        #expect(Set(results[0]) == [0, 1 / 0.75])
    }

    @Test func dropoutIsTheSameForEveryPartOfAValue() throws {
        func dropped(rows: Range<Int>, columns: Range<Int>) throws -> [Float] {
            let cursor = StepCursor(seed: 4)
            cursor.move(toStep: 7, firstSample: rows.lowerBound)
            let trace = Trace(cursor: cursor)
            let shape: Shape = [rows.count, columns.count]
            let x = trace.input("x", TensorType(shape))
            let dropout = DropoutSettings(rate: 0.5, seed: 4, stream: 2, firstColumn: columns.lowerBound, columns: 40)
            let ones = Tensor([Float](repeating: 1, count: shape.elementCount), shape: shape)
            return try trace.finish(outputs: [x.dropped(dropout)]).evaluated([ones])[0]
        }
        let whole = try dropped(rows: 0..<8, columns: 0..<40)
        let part = try dropped(rows: 3..<7, columns: 11..<30)
        for row in 3..<7 {
            for column in 11..<30 { #expect(part[(row - 3) * 19 + column - 11] == whole[row * 40 + column]) }
        }
    }

    @Test func inferenceDropsNothing() {
        let trace = Trace()
        let x = trace.input("x", TensorType([2, 2]))
        #expect(x.dropped(DropoutSettings(rate: 0.5, columns: 2)).value == x.value)
    }

    @Test(arguments: [1, 2, 4]) func crossEntropyOfShardsIsThatOfTheWhole(ranks: Int) throws {
        let (rows, classes) = (5, 24)
        let logits = random([rows, classes]).elements(of: Float.self)
        let labels = Tensor([3, -1, 23, 0, 12] as [Int32], shape: [rows])
        let whole = Trace()
        let x = whole.input("x", TensorType([rows, classes]))
        let loss = x.sparseCrossEntropy(labels: whole.input("labels", labels.type)).sum()
        let gradient = whole.gradients(of: loss, withRespectTo: [x]).compactMap(\.self)
        let expected = try whole.finish(outputs: [loss] + gradient).evaluated(
            [Tensor(logits, shape: [rows, classes]), labels])
        let columns = classes / ranks
        let results = try ThreadWorld.run(ranks: ranks) { world in
            let trace = Trace()
            let first = world.rank * columns
            let x = trace.input("x", TensorType([rows, columns]))
            let numbers = trace.input("labels", TensorType([rows], .int32))
            let loss = x.shardedCrossEntropy(labels: numbers, first: first, group: "tp").sum()
            let gradient = trace.gradients(of: loss, withRespectTo: [x]).compactMap(\.self)
            let program = Program(trace.finish(outputs: [loss] + gradient), on: CPUBackend(), groups: ["tp": world])
            let own = (0..<rows).flatMap { logits[$0 * classes + first..<$0 * classes + first + columns] }
            program.inputs[0].copy(from: Tensor(own, shape: [rows, columns]))
            program.inputs[1].copy(from: Tensor([3, -1, 23, 0, 12] as [Int32], shape: [rows]))
            try program.run()
            return program.outputs.map { $0.elements(of: Float.self) }
        }
        for (rank, result) in results.enumerated() {
            #expect(abs(result[0][0] - expected[0][0]) < 1e-5)
            for row in 0..<rows {
                for column in 0..<columns {
                    let place = row * classes + rank * columns + column
                    #expect(abs(result[1][row * columns + column] - expected[1][place]) < 1e-6)
                }
            }
        }
    }

    /// y = Σ over ranks of w_r · x: each rank's x is the same, so its gradient is the sum of all w.
    @Test(arguments: [1, 2, 4]) func replicatedValuesCollectTheGradientsOfAllRanks(ranks: Int) throws {
        let results = try ThreadWorld.run(ranks: ranks) { world in
            let trace = Trace()
            let x = trace.input("x", TensorType([3]))
            let part = x.replicated(over: "tp") * Float(world.rank + 1)
            let y = part.summed(over: "tp")
            let gradients = trace.gradients(of: y.sum(), withRespectTo: [x]).compactMap(\.self)
            let program = Program(trace.finish(outputs: [y] + gradients), on: CPUBackend(), groups: ["tp": world])
            program.inputs[0].copy(from: Tensor([1, 2, 3] as [Float], shape: [3]))
            try program.run()
            return program.outputs.map { $0.elements(of: Float.self) }
        }
        let total = Float(ranks * (ranks + 1) / 2)
        for result in results {
            #expect(result[0] == [total, 2 * total, 3 * total])
            #expect(result[1] == [total, total, total])
        }
    }

    @Test func partsOfGradientsAreCollectedIntoTheWhole() throws {
        let results = try ThreadWorld.run(ranks: 4) { world in
            let whole = Parameter(name: "w", value: Tensor([Float](repeating: 9, count: 8), shape: [8, 1]))
            let rows = whole.tensor.bytes[world.rank * 8..<world.rank * 8 + 8]
            let part = Parameter(name: "w", value: Tensor(shape: [2, 1], elementType: .float32, bytes: rows))
            let trace = Trace()
            let g = trace.input("g", TensorType([8, 1]))
            let mean = trace.apply(.reduceScatter(group: "dp", parts: 4), to: [g])[0]
            trace.apply(.accumulate, to: [trace.symbol(for: part), mean])
            trace.apply(.allGather(group: "dp"), to: [trace.symbol(for: whole), trace.symbol(for: part)])
            let program = Program(trace.finish(outputs: []), on: CPUBackend(), groups: ["dp": world])
            program.inputs[0].copy(from: Tensor((0..<8).map { Float($0 + world.rank) }, shape: [8, 1]))
            try program.run()
            return whole.tensor.elements(of: Float.self)
        }
        for result in results { #expect(result == (0..<8).map { 9 + Float($0) + 1.5 }) }
    }
}
