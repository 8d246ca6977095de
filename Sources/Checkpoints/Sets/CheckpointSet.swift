public import Records

/// What a set of checkpoint files is, as the run that saves it knows it.
public struct CheckpointSet: Codable, Equatable, Sendable {
    /// What each file of a set holds.
    public enum Kind: String, CaseIterable, Sendable {
        /// Every rank's file holds everything.
        case replicated

        /// One file, of rank 0, holds everything.
        case integrated

        /// Every rank's file holds its slices.
        case sharded

        /// Like `replicated` or `sharded`, but what several ranks hold alike is in only one rank's file.
        case deduplicated
    }

    /// The name: `LeNet5_train` of a set that the next one replaces, `net-2_7` of one of several.
    public let name: String

    /// What each file holds.
    public let kind: Kind

    /// How far the run is.
    public let progress: TrainingProgress

    /// Why it was saved.
    public let cause: SaveCause

    /// The axes along which the ranks are laid out, outermost first.
    public let mesh: [MeshAxis]

    /// A text that is the same for equal models, so that sets of other models are refused.
    public let model: String

    /// The parameters, whole, in the order of the model.
    public let parameters: [ParameterRecord]

    /// What was measured of it: "loss", "accuracy"; nil if nothing was. All values are finite.
    public let metrics: [String: Double]?

    /// What else it says about its run; nil in sets of older versions.
    public let record: TrainingRecord?

    /// Which sets of this prefix stay, by the rules of the run; nil if it has none, and in sets of older versions.
    public let retention: [RetentionRecord]?

    /// Describes a set. Metrics that are not finite are left out.
    public init(
        name: String, kind: Kind = .replicated, progress: TrainingProgress, cause: SaveCause, mesh: [MeshAxis],
        model: String, parameters: [ParameterRecord] = [], metrics: [String: Double] = [:],
        record: TrainingRecord? = nil, retention: Retention? = nil
    ) {
        self.name = name
        self.kind = kind
        self.progress = progress
        self.cause = cause
        self.mesh = mesh
        self.model = model
        self.parameters = parameters
        self.record = record
        // JSON has only finite numbers.
        let finite = metrics.filter(\.value.isFinite)
        self.metrics = finite.isEmpty ? nil : finite
        self.retention = retention?.records
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension CheckpointSet.Kind: Codable {
    // Not the synthesized one: its message names a Swift type, not what is allowed.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let kind = Self(rawValue: text) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is none of \(known)"))
        }
        self = kind
    }
}

extension CheckpointSet {
    /// Whether the run that saved it still computed with finite numbers.
    public var isFinite: Bool { record?.nonFinite == nil }
}

/// Why a set was saved.
public struct SaveCause: Codable, Equatable, Sendable {
    /// The reason in words, such as "a signal" or "the end of the run".
    public let reason: String

    /// The rank that asked for it, if one did.
    public let requestingRank: Int?

    /// More about that request; nil if there was none, and in sets of older versions.
    public let request: StopRecord?

    /// Describes a reason.
    public init(_ reason: String, requestingRank: Int? = nil, request: StopRecord? = nil) {
        self.reason = reason
        self.requestingRank = requestingRank
        self.request = request
    }
}

/// An axis of the mesh of ranks, such as "dp" of size 8.
public struct MeshAxis: Codable, Equatable, Sendable {
    /// What the axis is called.
    public let axis: String

    /// The number of ranks along it.
    public let size: Int

    /// Describes an axis.
    public init(_ axis: String, size: Int) {
        self.axis = axis
        self.size = size
    }
}

/// A parameter of a model as a manifest names it.
public struct ParameterRecord: Codable, Equatable, Sendable {
    /// The name, such as "conv1.weight".
    public let name: String

    /// MindSpore's name of the element type, such as "Float32".
    public let elementType: String

    /// The sizes of the dimensions of the whole parameter.
    public let shape: [Int]

    /// How the ranks share it, if each file of the set holds a slice; the mesh is the set's.
    public let layout: LayoutRecord?

    /// Describes a parameter.
    public init(name: String, elementType: String, shape: [Int], layout: LayoutRecord? = nil) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.layout = layout
    }
}
