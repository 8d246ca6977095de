import Checkpoints
import CheckpointsTestKit
import Collectives
import CollectivesTestKit
import Datasets
import Execution
import Graphs
import Models
import Networks
import Runs
import SystemPackage
import Tensors
import Testing
import Training

/// A network of images that is stopped and carried on ends with the same bits, their running moments too.
@Suite struct ImageNetworkRunTests {
    @Test(arguments: [1, 2, 4]) func aNetworkWithRunningMomentsCarriesOnWithTheSameBits(ranks: Int) throws {
        let straight = try state(after: [2], ranks: [ranks])
        let inParts = try state(after: [1, 2], ranks: [ranks, ranks])
        #expect(straight.keys.contains { $0.hasSuffix("bn1.moving_variance") })
        #expect(straight == inParts)
    }

    enum NetworkKind: CaseIterable {
        case resNet18, mobileNetV2

        func make(synchronized: Bool) -> any Cell {
            switch self {
            case .resNet18:
                ResNet(.resNet18, classes: 3, channels: 1, stem: .small, width: 2, synchronized: synchronized)
            case .mobileNetV2:
                MobileNetV2(
                    classes: 3, channels: 1, stem: .small, width: 0.1, dropout: 0, synchronized: synchronized)
            }
        }
    }

    @Test(arguments: NetworkKind.allCases) func otherRanksCarryOn(kind: NetworkKind) throws {
        let straight = try state(after: [2], ranks: [4], kind, synchronized: true)
        let inParts = try state(after: [1, 2], ranks: [4, 2], kind, synchronized: true)
        for (name, values) in straight {
            let others = try #require(inParts[name])
            let largest = max(values.map(abs).max() ?? 0, 1)
            for (one, other) in zip(values, others) {
                #expect(abs(one - other) <= 1e-3 * largest, "\(name): \(one) and \(other)")
            }
        }
    }

    /// All parameters after launches that each end after so many epochs, on so many ranks.
    private func state(
        after epochs: [Int], ranks: [Int], _ kind: NetworkKind = .resNet18, synchronized: Bool = false
    ) throws -> [String: [Float]] {
        let disk = MemoryFileSystem()
        var states: [[String: [Float]]] = []
        for (epochs, ranks) in zip(epochs, ranks) {
            states = try ThreadWorld.run(ranks: ranks) { world in
                try train(kind.make(synchronized: synchronized), epochs, on: disk, in: world)
            }
            for state in states { #expect(state == states[0], "a rank has another state") }
        }
        return states[0]
    }
}

private func train(
    _ network: any Cell, _ epochs: Int, on disk: MemoryFileSystem, in world: any Communicator
) throws -> [String: [Float]] {
    let model = Model(
        network, lossFn: SoftmaxCrossEntropyWithLogits(sparse: true),
        optimizer: Momentum(network.trainableParameters, learningRate: 0.02, momentum: 0.9), world: world,
        backend: CPUBackend(), seed: 5,
        settings: TrainingSettings(placement: .replicated(rank: world.rank, of: world.size)))
    let exit = try OnRequestExit(
        saveMindIR: false, directory: "/out", signals: [], savesCompleted: true, files: disk)
    try model.train(epochs, pictures(), callbacks: exit)
    return Dictionary(
        uniqueKeysWithValues: network.parameters.map { ($0.name, $0.tensor.elements(of: Float.self)) })
}

/// 16 pictures of 16 × 16 in three classes.
private func pictures() throws -> DataLoader {
    let pixels = (0..<16 * 256).map { (pixel: Int) -> Float in
        let number = (pixel * pixel + pixel / 256) % 23
        return Float(number) / 23
    }
    let images = Tensor(pixels, shape: [16, 1, 16, 16])
    let labels = Tensor((0..<16).map { Int32($0 % 3) }, shape: [16])
    return try DataLoader(TensorDataset([("image", images), ("label", labels)]), batchSize: 8, shuffle: true)
}
