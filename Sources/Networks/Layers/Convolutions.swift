import Graphs
import LayerOperations
import Memory

// What layers of convolutions have in common.

extension Symbol {
    /// This with a bias for each channel, if there is one.
    func adding(_ bias: Parameter?) -> Symbol {
        bias.map { addingBias(trace.symbol(for: $0), axis: 1) } ?? self
    }
}

/// Ends the program unless groups of channels can be convolved by windows.
func checkChannels(_ inputs: Int, _ outputs: Int, _ kernelSize: Int, _ group: Int, of layer: String) {
    insist(
        group >= 1 && inputs >= 1 && outputs >= 1 && inputs % group == 0 && outputs % group == 0,
        "\(layer): \(group) groups cannot share \(inputs) channels in and \(outputs) out; both must be multiples of the groups"
    )
    insist(kernelSize >= 1, "\(layer): kernelSize is \(kernelSize); it must be 1 or more")
}
