import Memory
import Tensors

extension CallbackParameters {
    /// The mean of the first output: the loss. Nil before the first step, and on a rank without samples of its own.
    var meanOutput: Double? { netOutputs?.first.map(\.mean) }

    /// Whether no element of any output is NaN or infinite.
    var hasFiniteOutputs: Bool { (netOutputs ?? []).allSatisfy(\.isFinite) }
}

extension Tensor {
    /// The mean of the elements; NaN for an empty tensor or a type that networks do not give out.
    fileprivate var mean: Double {
        switch elementType {
        case .float32: slice(of: Float.self).mean { Double($0) }
        case .float64: slice(of: Double.self).mean { $0 }
        case .int32: slice(of: Int32.self).mean { Double($0) }
        default: .nan
        }
    }
}

extension Slice {
    fileprivate func mean(_ number: (Element) -> Double) -> Double {
        var sum = 0.0
        for index in span.indices { sum += number(span[index]) }
        return sum / Double(count)
    }
}
