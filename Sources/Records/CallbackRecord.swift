/// How the callbacks of a run stood when a set was saved.
public struct CallbackRecord: Codable, Equatable, Sendable {
    /// The last epoch whose end they have seen, validation included; 0 before the first. If the set holds all steps of a
    /// later one, its end is still to come.
    public let endedEpoch: Int

    /// Whether a callback has ended the run: then it is finished, however many steps were planned.
    public let endsRun: Bool

    /// The loss of the last step; nil if there was none, or it was no number.
    public let loss: Double?

    /// What each callback keeps, as JSON, by its name.
    public let states: [String: String]

    /// Describes how callbacks stand.
    public init(endedEpoch: Int, endsRun: Bool = false, loss: Double? = nil, states: [String: String] = [:]) {
        self.endedEpoch = endedEpoch
        self.endsRun = endsRun
        self.loss = loss.flatMap { $0.isFinite ? $0 : nil }
        self.states = states
    }
}
