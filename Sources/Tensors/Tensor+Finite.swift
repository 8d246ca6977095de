import Kernels
import Memory

extension Tensor {
    /// Whether no element is NaN or infinite; true for types that can be neither, and for those that networks do not
    /// compute in.
    public var isFinite: Bool {
        switch elementType {
        case .float32: countNonFinite(in: slice(of: Float.self).span) == 0
        case .float64: slice(of: Double.self).isFinite
        default: true
        }
    }
}

extension Slice<Double> {
    fileprivate var isFinite: Bool {
        for index in span.indices where !span[index].isFinite { return false }
        return true
    }
}
