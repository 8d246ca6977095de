/// How many bytes a job saves: what all its ranks hold together, each part once.
public enum StateSize: Equatable, Sendable, Codable {
    /// As many on any number of ranks: the same network on more of them.
    case total(bytes: Double)

    /// As many for each rank: a network that grows with the ranks.
    case perRank(bytes: Double)

    /// The bytes of a job of so many ranks.
    public func bytes(ranks: Int) -> Double {
        switch self {
        case .total(let bytes): bytes
        case .perRank(let bytes): bytes * Double(ranks)
        }
    }

    func check() throws(GoodputError) {
        switch self {
        case .total(let bytes): try GoodputError.checkPositive("the size of the state in bytes", bytes)
        case .perRank(let bytes):
            try GoodputError.checkPositive("the size of the state of a rank in bytes", bytes)
        }
    }
}
