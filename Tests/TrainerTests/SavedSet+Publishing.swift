import Datasets
import Models
import Networks
import Runs
import SystemPackage
import Training

extension SavedSet {
    /// Publishes what the trainer would after one epoch on one rank, without starting it.
    init(publishedIn folder: TestFolder, classes: Int = 10, withNetwork: Bool = false) throws {
        let network = LeNet5(classes: classes)
        let rate: Float = 0.03
        let optimizer = Momentum(
            network.trainableParameters, learningRate: .cosine(from: rate, to: rate / 100, over: 4), momentum: 0.9)
        let model = Model(network, lossFn: SoftmaxCrossEntropyWithLogits(sparse: true), optimizer: optimizer, seed: 1)
        let data = try DataLoader(MNIST.load(directory: folder.data, train: true), batchSize: 32, shuffle: true)
        let exit = try OnRequestExit(
            saveMindIR: withNetwork, fileName: "LeNet5", directory: folder.out.string, signals: [], savesCompleted: true
        )
        try model.train(1, data, callbacks: [exit])
        try self.init(in: folder.out, ranks: 1)
    }
}
