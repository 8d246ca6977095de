import Graphs
import Models
import Networks
import Tensors
import Testing

@Suite struct CellTests {
    @Test func parametersOfLeNetAreNamedAsInMindSpore() {
        let parameters = LeNet5().parameters
        #expect(
            parameters.map(\.description) == [
                "conv1.weight Float32[6, 1, 5, 5]", "conv2.weight Float32[16, 6, 5, 5]",
                "fc1.weight Float32[120, 400]", "fc1.bias Float32[120]", "fc2.weight Float32[84, 120]",
                "fc2.bias Float32[84]", "fc3.weight Float32[10, 84]", "fc3.bias Float32[10]",
            ])
        #expect(
            LeNet5(classes: 7, channels: 3).parameters.map(\.shape.dimensions.first) == [6, 16, 120, 120, 84, 84, 7, 7])
    }

    @Test func parametersOfAChainAreNamedByTheirPlace() {
        let chain = SequentialCell(Dense(2, 3), ReLU(), SequentialCell(Conv2d(1, 1, kernelSize: 1, hasBias: true)))
        #expect(chain.parameters.map(\.name) == ["0.weight", "0.bias", "2.0.weight", "2.0.bias"])
    }

    @Test func ownParametersComeBeforeThoseOfItsCells() {
        #expect(Scaled().parameters.map(\.name) == ["factor", "dense.weight", "dense.bias"])
    }

    @Test func sharedParameterKeepsItsFirstName() {
        let dense = Dense(2, 2, hasBias: false)
        let shared = SequentialCell(dense, dense, Dense(2, 2, hasBias: false))
        #expect(shared.parameters.map(\.name) == ["0.weight", "2.weight"])
        // Asking again changes nothing.
        #expect(shared.parameters.map(\.name) == ["0.weight", "2.weight"])
    }

    @Test func fixedParametersAreNotTrained() {
        let network = Scaled()
        #expect(network.trainableParameters.map(\.name) == ["dense.weight", "dense.bias"])
    }

    @Test func layerWithoutBiasHasOneParameter() {
        #expect(Dense(2, 3, hasBias: false).parameters.map(\.name) == ["weight"])
        #expect(Conv2d(2, 3, kernelSize: 3).parameters.map(\.name) == ["weight"])
        #expect(Conv2d(2, 3, kernelSize: 3, hasBias: true).parameters.map(\.name) == ["weight", "bias"])
    }

    @Test func cellsNameTheNodesTheyWrite() {
        let trace = Trace()
        let network = SequentialCell(Dense(2, 3), ReLU())
        let graph = trace.finish(outputs: [network(trace.input("x", TensorType([1, 2])))])
        #expect(graph.nodes.last?.scope == "SequentialCell.ReLU")
    }
}

/// A cell declared the other way round than its parameters are listed.
private final class Scaled: Cell {
    let dense = Dense(2, 2)
    let label = "not a parameter"
    let factor = Parameter(name: "", value: Tensor(scalar: Float(2)))

    func construct(_ x: Symbol) -> Symbol { dense(x).scaled(by: x.trace.symbol(for: factor)) }
}
