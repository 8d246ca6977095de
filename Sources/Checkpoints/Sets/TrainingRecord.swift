/// What else a set tells of the run that saved it, so that a run that carries on is the same run.
///
/// Sets of versions before it have none. A field that is nil says nothing.
public struct TrainingRecord: Codable, Equatable, Sendable {
    /// What was NaN or infinite when the set was saved, in words; nil if nothing was.
    public var nonFinite: String?

    /// What changes what the run computes, by name: "learning-rate", "data".
    public var settings: [String: String]?

    /// How its callbacks stood.
    public var callbacks: CallbackRecord?

    /// Makes a record.
    public init(
        nonFinite: String? = nil, settings: [String: String]? = nil, callbacks: CallbackRecord? = nil
    ) {
        self.nonFinite = nonFinite
        self.settings = settings
        self.callbacks = callbacks
    }
}
