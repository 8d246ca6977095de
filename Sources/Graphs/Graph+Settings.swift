extension Graph {
    /// The shares of elements that its dropouts drop, in their order; one where all drop the same, none where none drops any.
    public var dropoutRates: [Float] {
        let rates = nodes.compactMap(\.operation.dropoutRate)
        return Set(rates).count > 1 ? rates : Array(rates.filter { $0 > 0 }.prefix(1))
    }

    /// ``description`` without the seeds and the rates of dropouts: what else tells two networks apart.
    public var structure: String { text { $0.structure } }
}
