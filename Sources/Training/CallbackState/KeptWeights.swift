import Graphs
import Networks
import Tensors

/// A copy of a network's weights, divided among the ranks as they are.
struct KeptWeights {
    private var weights: [Parameter] = []

    /// The copies, as parameters of a set.
    private(set) var parameters: [Parameter] = []

    /// Copies the weights of a network.
    mutating func keep(those network: any Cell, named name: String) {
        makeRoom(for: network, named: name)
        for (weight, copy) in zip(weights, parameters) { copy.tensor.copy(from: weight.tensor) }
    }

    /// Gives the network its weights back.
    func restore() {
        for (weight, copy) in zip(weights, parameters) { weight.tensor.copy(from: copy.tensor) }
    }

    /// Takes memory for the weights of a network, if that is not done yet.
    mutating func makeRoom(for network: any Cell, named name: String) {
        let present = network.parameters
        guard !present.elementsEqual(weights, by: ===) else { return }
        weights = present
        parameters = present.map { $0.copy(named: "\(name).best.\($0.name)") }
    }
}
