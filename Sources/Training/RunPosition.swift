/// How far training has come.
public struct RunPosition: Hashable, Sendable {
    /// The epoch under way, or the last one made; from 1, 0 before the first.
    public var epoch: Int

    /// The steps made in that epoch.
    public var stepInEpoch: Int

    /// The steps made in all.
    public var step: Int

    /// Describes how far training has come.
    public init(epoch: Int = 0, stepInEpoch: Int = 0, step: Int = 0) {
        self.epoch = epoch
        self.stepInEpoch = stepInEpoch
        self.step = step
    }
}
