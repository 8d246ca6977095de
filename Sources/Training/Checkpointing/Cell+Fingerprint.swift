import Checkpoints
import Files
import Graphs
import Networks

extension Cell {
    /// A text that networks with the same parameters share: the type's name, and a checksum of names and types.
    var fingerprint: String {
        var checksum = Checksum()
        for parameter in parameters { checksum.update(Array("\(parameter)\n".utf8).span) }
        return "\(type(of: self)) with \(parameters.count) parameters (\(checksum.hexadecimal))"
    }
}

extension Parameter {
    /// As checkpoints know it. Every rank holds all of it; where ranks hold slices, this is the place to say so.
    var asSaved: ShardedParameter { ShardedParameter(name, tensor) }
}
