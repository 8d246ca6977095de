import CMPI
import Collectives

extension CollectiveElementKind {
    /// What MPI calls this type.
    var datatype: MPI_Datatype? {
        switch self {
        case .float32: unsafe cmpi_float()
        case .float64: unsafe cmpi_double()
        case .int32: unsafe cmpi_int32()
        case .int64: unsafe cmpi_int64()
        case .byte: unsafe cmpi_uint8()
        }
    }
}

extension ReduceOperation {
    /// What MPI calls this operation; MPI has no average, so it is a sum here and ``complete(_:count:kind:ranks:)``
    /// does the rest.
    var handle: MPI_Op? {
        switch self {
        case .sum, .average: unsafe cmpi_sum()
        case .maximum: unsafe cmpi_max()
        case .minimum: unsafe cmpi_min()
        }
    }

    /// Makes the sums an average, if that is the operation.
    ///
    /// The switch over types is what lets the compiler make each loop for its own type; called through the generic
    /// protocol, a division would cost more than the reduction.
    func complete(_ sums: UnsafeMutableRawPointer?, count: Int, kind: CollectiveElementKind, ranks: Int) {
        guard self == .average, let sums = unsafe sums else { return }
        switch kind {
        case .float32: unsafe divide(sums.assumingMemoryBound(to: Float.self), count: count, among: ranks)
        case .float64: unsafe divide(sums.assumingMemoryBound(to: Double.self), count: count, among: ranks)
        case .int32: unsafe divide(sums.assumingMemoryBound(to: Int32.self), count: count, among: ranks)
        case .int64: unsafe divide(sums.assumingMemoryBound(to: Int64.self), count: count, among: ranks)
        case .byte: unsafe divide(sums.assumingMemoryBound(to: UInt8.self), count: count, among: ranks)
        }
    }

    private func divide<T: CollectiveElement>(_ sums: UnsafeMutablePointer<T>, count: Int, among ranks: Int) {
        for index in 0..<count { unsafe sums[index] = sums[index].divided(among: ranks) }
    }
}
