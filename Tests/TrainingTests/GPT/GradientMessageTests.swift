import Datasets
import Graphs
import Models
import Networks
import Tensors
import Testing

@testable import Runs
@testable import Training

/// Gradients travel in few messages, which leave while the backward pass goes on.
@Suite struct GradientMessageTests {
    @Test func gradientsTravelTogetherWhileTheBackwardPassGoesOn() throws {
        let graph = try graph(tp: 1)
        let messages = graph.messages(of: Placement.dataAxis)
        let sizes = messages.map { graph.nodes[$0].results.reduce(0) { $0 + $1.byteCount } }
        #expect(sizes.dropLast().allSatisfy { $0 >= GradientReduction.messageByteCount })
        // 52 gradients and the loss.
        #expect(messages.reduce(0) { $0 + graph.nodes[$1].results.count } == 53)
        #expect(messages.count == 13)
        let products = graph.nodes.indices.filter { graph.isProduct($0) }
        let first = try #require(messages.first)
        // 17 products forward, and two for each of them backward, of which only the head's come before the first message.
        #expect(products.count == 51)
        #expect(products.filter { $0 > first }.count >= 30)
    }

    /// Sums over `tp` are needed at once, so each is a message.
    @Test func layersAddUpTwiceABlockEachWay() throws {
        let graph = try graph(tp: 2)
        let sums = graph.messages(of: Placement.tensorAxis)
        // Beside the blocks: the embedding, the maximum and the sums of the loss, the head on the way back, the norm.
        #expect(sums.count == 4 * (2 + 2) + 5)
    }

    /// The step of the default preset on one of 2 × `tp` ranks.
    private func graph(tp: Int) throws -> Graph {
        let sizes = try #require(GPTSizes.presets.first { $0.name == "3m" }?.sizes)
        let placement = try Placement(dp: 2, tp: tp, rank: 0, of: 2 * tp)
        let network = GPT(sizes, placement: placement)
        let optimizer = AdamW(network.trainableParameters, learningRate: 0.1)
        let text = [UInt8](repeating: 65, count: 400)
        let data = try DataLoader(TextDataset(text[...], length: sizes.length), batchSize: 2)
        let step = TrainingStep(
            network, GPTLoss(placement: placement), optimizer, TrainingSettings(placement: placement, clipNorm: 1))
        return step.graph(for: data, rows: 1, cursor: StepCursor(seed: 1))
    }
}

extension Graph {
    /// The all-reduces over a group, by their numbers.
    fileprivate func messages(of group: String) -> [Int] {
        nodes.indices.filter { index in
            if case .reduction(_, group: group) = nodes[index].operation.role { true } else { false }
        }
    }

    fileprivate func isProduct(_ index: Int) -> Bool {
        nodes[index].operation.name == "matrixMultiply"
    }
}
