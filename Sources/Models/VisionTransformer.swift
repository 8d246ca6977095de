public import Graphs
import LayerOperations
import Memory
public import Networks
import Tensors

/// The sizes of a ``VisionTransformer``.
public struct VisionTransformerSizes: Hashable, Sendable {
    /// The height and width of the images.
    public var imageSize = 32
    /// The height and width of a patch, of which the images must consist.
    public var patchSize = 4
    /// The channels of the images.
    public var channels = 3
    /// The number of elements of a token.
    public var width = 192
    /// The number of blocks.
    public var layers = 6
    /// The heads of a block.
    public var heads = 3
    /// The elements of a hidden layer, as a multiple of the width.
    public var expansion = 4
    /// The share of elements dropped in training.
    public var dropout: Float = 0

    /// Those of a small one, for images of 32 × 32 in color.
    public init() {}

    /// The number of patches of an image.
    public var patches: Int { (imageSize / patchSize) * (imageSize / patchSize) }
}

/// A transformer over the patches of images [N, channels, H, W] (Dosovitskiy et al., "ViT", 2021), whose tokens are averaged for the
/// last layer (Beyer et al., "Better plain ViT baselines", 2022).
public final class VisionTransformer: Cell {
    /// Its sizes.
    public let sizes: VisionTransformerSizes

    let patches: Conv2d
    let positions: Parameter
    let blocks: [VisionTransformerBlock]
    let norm: LayerNorm
    let head: Dense

    /// Makes a network that tells `classes` kinds of images apart.
    public init(_ sizes: VisionTransformerSizes = VisionTransformerSizes(), classes: Int = 10) {
        insist(
            sizes.patchSize > 0 && sizes.imageSize > 0 && sizes.imageSize % sizes.patchSize == 0,
            "images of \(sizes.imageSize) do not consist of patches of \(sizes.patchSize)")
        self.sizes = sizes
        patches = Conv2d(
            sizes.channels, sizes.width, kernelSize: sizes.patchSize, stride: sizes.patchSize, hasBias: true)
        positions = Parameter(shape: [sizes.patches, sizes.width], initializer: .normal(deviation: 0.02))
        blocks = (0..<sizes.layers).map { VisionTransformerBlock(sizes, number: $0) }
        norm = LayerNorm(sizes.width)
        head = Dense(sizes.width, classes)
    }

    /// Logits [N, classes].
    public func construct(_ x: Symbol) -> Symbol {
        let (samples, count, width) = (x.shape[0], sizes.patches, sizes.width)
        let tokens = patches(x).reshaped(to: [samples, width, count]).transposed([0, 2, 1])
        var stream = tokens + x.trace.symbol(for: positions)
        for block in blocks { stream = block(stream) }
        let rows = norm(stream.reshaped(to: [samples * count, width])).reshaped(to: [samples, count, width])
        return head(rows.mean(over: [1]))
    }
}

/// Attention and two layers, each on the normalised stream [samples, length, width] and added to it.
public final class VisionTransformerBlock: Cell {
    let norm1: LayerNorm
    let attention: MultiheadAttention
    let norm2: LayerNorm
    let fc1: Dense
    let fc2: Dense
    private let sizes: VisionTransformerSizes
    private let number: Int

    /// Makes block `number`, from 0, of a network of these sizes.
    public init(_ sizes: VisionTransformerSizes, number: Int) {
        self.sizes = sizes
        self.number = number
        norm1 = LayerNorm(sizes.width)
        attention = MultiheadAttention(sizes.width, numHeads: sizes.heads, dropout: sizes.dropout)
        norm2 = LayerNorm(sizes.width)
        fc1 = Dense(sizes.width, sizes.expansion * sizes.width)
        fc2 = Dense(sizes.expansion * sizes.width, sizes.width)
    }

    /// See ``VisionTransformerBlock``.
    public func construct(_ x: Symbol) -> Symbol {
        let rows = Shape([x.shape[0] * x.shape[1], x.shape[2]])
        let attended = attention(norm1(x.reshaped(to: rows)).reshaped(to: x.shape)).reshaped(to: rows)
        let stream = x.reshaped(to: rows) + dropped(attended, 1, x)
        let hidden = fc2(fc1(norm2(stream)).erfGELU())
        return (stream + dropped(hidden, 2, x)).reshaped(to: x.shape)
    }

    private func dropped(_ rows: Symbol, _ which: Int, _ x: Symbol) -> Symbol {
        rows.dropped(sizes.dropout, stream: 3 * number + which, rowsPerSample: x.shape[1])
    }
}
