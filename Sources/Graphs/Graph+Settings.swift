extension Graph {
    /// The shares of elements that its dropouts drop, each once, the lowest first.
    public var dropoutRates: [Float] { Set(nodes.compactMap(\.operation.dropoutRate)).sorted() }

    /// ``description`` without the seeds and the rates of dropouts: what else tells two networks apart.
    public var structure: String { text { $0.structure } }
}
