import Collectives
import CollectivesTestKit
import Networks
import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// Batch normalisation where no table of plain loops can check it.
@Suite struct BatchNormTests {
    private let samples = 8
    private let channels = 3
    private let plane = 5

    /// Result, mean, variance, and the gradients of x, scale and shift, of this rank's samples.
    private func results(
        of ranks: Int, _ world: any Communicator, _ normalize: (Symbol, Symbol, Symbol) -> (Symbol, Symbol, Symbol)
    ) throws -> [[Float]] {
        let own = samples / ranks
        let trace = Trace(cursor: StepCursor(seed: 1), dataGroup: ranks > 1 ? "dp" : nil)
        let x = trace.input("x", TensorType([own, channels, plane]))
        let weights = trace.input("weights", x.type)
        let (scale, shift) = (
            trace.input("scale", TensorType([channels])), trace.input("shift", TensorType([channels]))
        )
        let (y, mean, variance) = normalize(x, scale, shift)
        let gradients = trace.gradients(of: (y * weights).sum(), withRespectTo: [x, scale, shift]).compactMap(\.self)
        let graph = trace.finish(outputs: [y, mean, variance] + gradients)
        let shape: Shape = [own, channels, plane]
        let range = world.rank * shape.elementCount..<(world.rank + 1) * shape.elementCount
        let whole: Shape = [samples, channels, plane]
        let inputs = ([1, 2] as [UInt64]).map { seed in
            Tensor(Array(random(whole, seed: seed).elements(of: Float.self)[range]), shape: shape)
        }
        return try graph.evaluated(
            inputs + [random([channels], seed: 3), random([channels], seed: 4)], groups: ["dp": world])
    }

    @Test(arguments: [1, 2, 4]) func momentsOfAllRanksAreThoseOfTheWholeBatch(ranks: Int) throws {
        let expected = try results(of: 1, SoloCommunicator()) { $0.batchNormalized(scale: $1, shift: $2, epsilon: 0.1) }
        let parts = try ThreadWorld.run(ranks: ranks) { world in
            try results(of: ranks, world) { $0.batchNormalizedOverRanks(scale: $1, shift: $2, epsilon: 0.1) }
        }
        func doubles(_ index: Int) -> [Double] { expected[index].map(Double.init) }
        for result in [0, 3] {
            #expect(largestError(parts.flatMap { $0[result] }, doubles(result)) < 2e-6, "result \(result)")
        }
        for part in parts {
            for moment in [1, 2] { #expect(largestError(part[moment], doubles(moment)) < 1e-6) }
            #expect(part[1] == parts[0][1] && part[2] == parts[0][2])
        }
        // The optimizer adds up what the ranks have of the gradients of parameters.
        for gradient in [4, 5] {
            let sums = (0..<channels).map { channel in parts.reduce(0) { $0 + $1[gradient][channel] } }
            #expect(largestError(sums, doubles(gradient)) < 5e-6, "result \(gradient)")
        }
    }

    @Test(arguments: [1, 2]) func runningMomentsMoveAlikeOnAllRanks(ranks: Int) throws {
        let moved = try ThreadWorld.run(ranks: ranks) { world in
            let norm = BatchNorm1d(1, momentum: 0.75)
            for parameter in norm.parameters { parameter.initialize(seed: 1) }
            let trace = Trace(cursor: StepCursor(seed: 1), dataGroup: ranks > 1 ? "dp" : nil)
            let y = norm(trace.input("x", TensorType([2, 1])))
            let first = Float(world.rank)
            let x = Tensor([first, first + 2] as [Float], shape: [2, 1])
            _ = try trace.finish(outputs: [y]).evaluated([x], groups: ["dp": world])
            return [norm.movingMean, norm.movingVariance].map { $0.tensor.elements(of: Float.self)[0] }
        }
        // Of (0, 2), and of (1, 3) on the second rank, mean 1 and 2, variance as of a sample 2.
        for result in moved { #expect(result == [ranks == 1 ? 0.25 : 0.375, 1.25]) }
    }

    /// One message for the running moments of all layers, which nobody waits for in the forward pass.
    @Test func runningMomentsOfAllLayersTravelAsOneMessageBehindTheLoss() {
        let layers = SequentialCell((0..<3).map { _ in BatchNorm1d(2) })
        let trace = Trace(cursor: StepCursor(seed: 1), dataGroup: "dp")
        let loss = layers(trace.input("x", TensorType([4, 2]))).sumOfSquares()
        let gradients = trace.gradients(of: loss, withRespectTo: layers.trainableParameters.map(trace.symbol))
        let names = trace.finish(outputs: [loss] + gradients.compactMap(\.self)).nodes.map(\.operation.name)
        #expect(names.filter { $0 == "allReduce" }.count == 1)
        #expect(names.filter { $0 == "moveTowards" }.count == 6)
        let order = ["sumOfSquares", "allReduce", "batchNormGradient", "moveTowards"].map {
            names.firstIndex(of: $0) ?? -1
        }
        #expect(order == order.sorted() && order[0] >= 0)
    }

    /// Where scale and shift are frozen too, their gradients are not computed.
    @Test(arguments: [true, false]) func frozenLayersSumNothing(affine: Bool) throws {
        let norm = BatchNorm1d(2, affine: affine, useBatchStatistics: false)
        let trace = Trace(cursor: StepCursor(seed: 1))
        let x = trace.input("x", TensorType([4, 2]))
        let targets = [x] + norm.trainableParameters.map(trace.symbol)
        let gradients = trace.gradients(of: norm(x).sumOfSquares(), withRespectTo: targets).compactMap(\.self)
        let names = trace.finish(outputs: gradients).nodes.map(\.operation.name)
        #expect(gradients.count == targets.count)
        #expect(names.contains("channelNormSums") == affine)
    }

    @Test func inferenceNormalisesByTheRunningMoments() throws {
        let norm = BatchNorm2d(1, eps: 0)
        for parameter in norm.parameters { parameter.initialize(seed: 1) }
        norm.movingMean.tensor.fill(with: 1)
        norm.movingVariance.tensor.fill(with: 4)
        let trace = Trace()
        let y = norm(trace.input("x", TensorType([1, 1, 1, 2])))
        let result = try trace.finish(outputs: [y]).evaluated([Tensor([5, -1] as [Float], shape: [1, 1, 1, 2])])
        #expect(result == [[2, -1]])
        #expect(norm.movingMean.tensor.elements(of: Float.self) == [1])
    }
}
