public import Networks

/// How a model is trained, beside network, loss and optimizer.
public struct TrainingSettings: Sendable {
    /// How the network is spread over the ranks; nil if every rank holds it whole and sees other samples.
    public var placement: Placement

    /// The norm that all gradients together are scaled down to, if theirs is greater; nil for no limit.
    public var clipNorm: Float?

    /// Into how many parts a rank cuts its samples of a step, one after the other, to need less memory.
    public var accumulation: Int

    /// What happens once the loss, the gradients or the weights are NaN or infinite.
    public var onNaN: NonFinitePolicy

    /// Makes settings.
    public init(
        placement: Placement = .whole, clipNorm: Float? = nil, accumulation: Int = 1, onNaN: NonFinitePolicy = .fail
    ) {
        self.placement = placement
        self.clipNorm = clipNorm
        self.accumulation = accumulation
        self.onNaN = onNaN
    }
}
