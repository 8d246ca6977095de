/// How a reduction combines the values of the ranks.
public enum ReduceOperation: String, Sendable, CaseIterable {
    case sum, maximum, minimum

    /// The sum divided by the number of ranks.
    case average
}

extension ReduceOperation {
    /// Combines two values; an average adds here and divides at the end.
    public func combine<T: CollectiveElement>(_ a: T, _ b: T) -> T {
        switch self {
        case .sum, .average: T.sum(a, b)
        case .maximum: max(a, b)
        case .minimum: min(a, b)
        }
    }
}
