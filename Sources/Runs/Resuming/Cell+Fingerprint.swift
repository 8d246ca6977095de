import Checkpoints
import Files
import Graphs
import Layouts
import Networks
import Tensors

extension Cell {
    /// A text that networks with the same parameters share, however they are divided among the ranks: the type's name,
    /// and a checksum of names and types.
    var fingerprint: String {
        var checksum = Checksum()
        for parameter in parameters { checksum.update(Array("\(parameter.wholeDescription)\n".utf8).span) }
        return "\(type(of: self)) with \(parameters.count) parameters (\(checksum.hexadecimal))"
    }
}

extension Parameter {
    /// As checkpoints know it: with its layout, if ranks hold slices of it.
    var asSaved: ShardedParameter {
        guard let sharding else { return ShardedParameter(name, tensor) }
        return ShardedParameter(name, sharding, local: tensor)
    }

    fileprivate var wholeDescription: String { "\(name) \(TensorType(wholeShape, tensor.elementType))" }
}
