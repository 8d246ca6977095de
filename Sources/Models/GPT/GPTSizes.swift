/// The sizes of a ``GPT``.
public struct GPTSizes: Sendable, Equatable {
    /// Blocks of attention and feed-forward network.
    public var layers: Int
    /// The width of the stream through them.
    public var width: Int
    /// Heads of an attention.
    public var heads: Int
    /// Tokens of a sample.
    public var length: Int
    /// Kinds of tokens; 256 for bytes.
    public var vocabulary: Int
    /// The share of elements dropped in training.
    public var dropout: Float
    /// Whether the last layer uses the table of the first.
    public var tiesHead: Bool

    /// Describes a network.
    public init(
        layers: Int, width: Int, heads: Int, length: Int = 192, vocabulary: Int = 256, dropout: Float = 0.1,
        tiesHead: Bool = true
    ) {
        self.layers = layers
        self.width = width
        self.heads = heads
        self.length = length
        self.vocabulary = vocabulary
        self.dropout = dropout
        self.tiesHead = tiesHead
    }

    /// Well-known sizes by the number of their parameters; the last is GPT-2's, with its vocabulary rounded up to a
    /// multiple of 64 (Radford et al., 2019).
    public static let presets: [(name: String, sizes: GPTSizes)] = [
        ("1m", GPTSizes(layers: 4, width: 144, heads: 4)),
        ("3m", GPTSizes(layers: 4, width: 256, heads: 4)),
        ("10m", GPTSizes(layers: 6, width: 384, heads: 6)),
        ("25m", GPTSizes(layers: 8, width: 512, heads: 8)),
        ("85m", GPTSizes(layers: 12, width: 768, heads: 12, length: 512)),
        ("124m", GPTSizes(layers: 12, width: 768, heads: 12, length: 1024, vocabulary: 50_304)),
    ]

    /// Why these sizes cannot be spread over `parts` ranks, as a sentence; nil if they can.
    public func problem(over parts: Int) -> String? {
        let sizes = [("layers", layers), ("width", width), ("heads", heads), ("length", length)]
        if let (name, size) = sizes.first(where: { $0.1 < 1 }) { return "\(name) is \(size); it must be at least 1" }
        // Twelve matrices of the width a layer.
        let parameters = 12 * Double(layers) * Double(width) * Double(width)
        let activations = Double(layers) * Double(length) * max(Double(width), Double(heads) * Double(length))
        guard max(parameters, activations) <= 1e15 else {
            return "layers is \(layers), width \(width) and length \(length), which is too large for any machine; "
                + "at most 1e15 parameters, and elements of a sample, are allowed"
        }
        guard (0..<1).contains(dropout) else { return "dropout is \(dropout); it must be from 0 to below 1" }
        guard vocabulary >= 2 else { return "vocabulary is \(vocabulary); it must be at least 2" }
        for (name, size, divisor) in [
            ("width", width, heads), ("heads", heads, parts), ("width", width, parts),
            ("vocabulary", vocabulary, parts),
        ] where size % divisor != 0 {
            return "\(name) is \(size); it must be a multiple of \(divisor)"
                + (divisor == heads && name == "width" ? ", the number of heads" : ", the size of axis tp")
        }
        return nil
    }
}
