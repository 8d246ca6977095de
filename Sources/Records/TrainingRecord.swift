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

    /// What its program was given, by the names of its own options: what the network is made of.
    public var options: [String: [String]]?

    /// Makes a record.
    public init(
        nonFinite: String? = nil, settings: [String: String]? = nil, callbacks: CallbackRecord? = nil,
        options: [String: [String]]? = nil
    ) {
        self.nonFinite = nonFinite
        self.settings = settings
        self.callbacks = callbacks
        self.options = options
    }
}

extension TrainingRecord {
    /// Those of a program's options that a set can have on record; nil if none can: 256 at most, each with a name of at most
    /// 64 bytes and values of at most 4096 together.
    public static func recordable(_ options: [String: [String]]) -> [String: [String]]? {
        let short = options.filter { name, values in
            !name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                && values.count <= 64 && values.reduce(0) { $0 + $1.utf8.count } <= 4096
                && !values.contains { $0.utf8.contains(0) }
        }
        return short.isEmpty || short.count > 256 ? nil : short
    }
}
