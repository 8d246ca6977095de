extension Graph {
    /// The shares of elements that its dropouts drop, each once, the lowest first.
    public var dropoutRates: [Float] {
        let rates = nodes.compactMap { node -> Float? in
            switch node.operation {
            case .dropout(let dropout): dropout.rate
            case .attention(let attention): attention.dropout.rate
            default: nil
            }
        }
        return Set(rates).sorted()
    }

    /// ``description`` without the seeds and the rates of dropouts: what else tells two networks apart.
    public var structure: String { description { $0.withoutDropout } }
}

extension Operation {
    fileprivate var withoutDropout: Operation {
        switch self {
        case .dropout(let dropout): return .dropout(dropout.blank)
        case .attention(var attention):
            attention.dropout = attention.dropout.blank
            return .attention(attention)
        default: return self
        }
    }
}

extension Dropout {
    fileprivate var blank: Dropout {
        var dropout = self
        (dropout.rate, dropout.seed) = (0, 0)
        return dropout
    }
}
