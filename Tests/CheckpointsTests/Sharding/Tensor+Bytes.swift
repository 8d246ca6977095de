import Memory
import Tensors

extension Tensor {
    /// A copy of the bytes.
    var contents: [UInt8] {
        bytes.span.indices.map { bytes.span[$0] }
    }

    /// Overwrites the bytes.
    func fill(_ contents: [UInt8]) {
        var span = bytes.mutableSpan
        for index in contents.indices { span[index] = contents[index] }
    }
}
