import Checkpoints
import Collectives
import Datasets
import Execution
import Files
import Graphs
import Layouts
import Memory
import Models
import Networks
import Runs
import SystemPackage
import Tensors
import Training

/// What a GPT's run on this mesh begins with is, bit for bit, what lies in the files of the newest set, whatever mesh
/// saved it: `resumed-state FOLDER DP TP`. Sizes and data are those of the trainer's tests.
func resumedState(on world: any Communicator, arguments: [String]) throws {
    guard arguments.count == 3, let dp = Int(arguments[1]), let tp = Int(arguments[2]) else {
        throw CaseFailure(description: "a folder, dp and tp are needed, not \(arguments)")
    }
    let folder = FilePath(arguments[0])
    let placement = try Placement(dp: dp, tp: tp, rank: world.rank, of: world.size)
    let network = GPT(GPTSizes(layers: 2, width: 32, heads: 4, length: 16), placement: placement)
    let optimizer = AdamW(
        network.trainableParameters, learningRate: .cosine(from: 1, over: 60), share: .overData(of: placement))
    let model = Model(
        network, lossFn: GPTLoss(placement: placement), optimizer: optimizer, world: world,
        backend: CPUBackend(), seed: 7, settings: TrainingSettings(placement: placement))
    let corpus = try TextCorpus(contentsOf: folder.appending("text"))
    let data = try DataLoader(TextDataset(corpus.train, length: 16), batchSize: 16, shuffle: true, stepLimit: 20)
    let directory = folder.appending("out")
    let exit = try OnRequestExit(
        saveMindIR: false, fileName: "GPT", directory: directory.string, signals: [],
        // What is compared here is what was loaded.
        allowedChanges: ["clip", "dropout", "learning-rate", "network", "seed", "warm-up", "weight-decay"])
    let check = StateCheck(network.parameters + optimizer.state, directory)
    try model.train(3, data, callbacks: [exit, check])
    try require(check.comparedCount == network.parameters.count + optimizer.state.count, "not all was compared")
}

/// Compares the state that a run has loaded with that of the set.
private final class StateCheck: Callback {
    private let state: [Parameter]
    private let directory: FilePath
    private(set) var comparedCount = 0

    init(_ state: [Parameter], _ directory: FilePath) {
        self.state = state
        self.directory = directory
    }

    override func onTrainBegin(_ runContext: RunContext) throws {
        let manifest = try CheckpointDirectory(directory).manifest(named: "GPT_train")
        guard let manifest else { throw CaseFailure(description: "\(directory) has no set GPT_train") }
        try require(runContext.position.step == manifest.checkpoint.progress.step, "the run begins elsewhere")
        let readers = try (0..<manifest.worldSize).map { rank in
            try CkptReader(file: LocalFileSystem().open(directory.appending("rank_\(rank)/GPT_train.ckpt")))
        }
        for parameter in state {
            let whole = try whole(parameter.name, in: manifest, readers)
            let wanted = elements(of: parameter.range, in: parameter.wholeShape.dimensions)
            let size = parameter.tensor.elementType.byteCount
            let expected = wanted.flatMap { whole[$0 * size..<($0 + 1) * size] }
            let found = parameter.tensor.bytes
            let isSame = found.count == expected.count && expected.indices.allSatisfy { found.span[$0] == expected[$0] }
            try require(isSame, "\(parameter.name) has other bits than in the set")
            comparedCount += 1
        }
        runContext.requestStop()
    }

    /// The bytes of a whole parameter, put together element by element from the files of all ranks.
    private func whole(_ name: String, in manifest: Manifest, _ readers: [CkptReader]) throws -> [UInt8] {
        guard let record = manifest.checkpoint.parameters.first(where: { $0.name == name }) else {
            throw CaseFailure(description: "the set has no \(name)")
        }
        let mesh = try DeviceMesh(manifest.checkpoint.mesh)
        let sharding = try record.layout.map { try TensorSharding(of: record.shape, $0.layout(on: mesh)) }
        let size = ElementType(mindSporeName: record.elementType)?.byteCount ?? 0
        var whole = [UInt8](repeating: 0, count: record.shape.reduce(1, *) * size)
        for (rank, reader) in readers.enumerated() {
            let range = sharding?.range(of: rank) ?? ShardRange(whole: record.shape)
            let bytes = try reader.contents(of: name)
            for (place, element) in elements(of: range, in: record.shape).enumerated() {
                for byte in 0..<size { whole[element * size + byte] = bytes[place * size + byte] }
            }
        }
        return whole
    }

    /// The numbers of the elements in a box, counted in row-major order.
    private func elements(of range: ShardRange, in shape: [Int]) -> [Int] {
        var elements = [0]
        for (range, extent) in zip(range.ranges, shape) {
            elements = elements.flatMap { outer in range.map { outer * extent + $0 } }
        }
        return elements
    }
}
