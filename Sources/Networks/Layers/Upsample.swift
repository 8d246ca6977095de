public import Graphs
import LayerOperations
import Memory
import Tensors

/// Images [N, C, H, W] made larger or smaller by factors (MindSpore's `nn.Upsample`).
public final class Upsample: Cell {
    /// From where a place of the result comes.
    public enum Mode: String, Sendable, CaseIterable {
        case nearest, bilinear
    }

    /// What height and width are multiplied by.
    public let scaleFactor: Float

    /// From where a place of the result comes.
    public let mode: Mode

    /// Whether the corners of a bilinear result are those of the image.
    public let alignCorners: Bool

    /// Makes a layer; sizes are rounded down.
    public init(scaleFactor: Float, mode: Mode = .nearest, alignCorners: Bool = false) {
        insist(scaleFactor > 0, "images cannot be \(scaleFactor) times as large")
        self.scaleFactor = scaleFactor
        self.mode = mode
        self.alignCorners = alignCorners
    }

    /// See ``Upsample``.
    public func construct(_ x: Symbol) -> Symbol {
        let (height, width) = (Int(Float(x.shape[-2]) * scaleFactor), Int(Float(x.shape[-1]) * scaleFactor))
        return switch mode {
        case .nearest: x.resizedNearest(height: height, width: width)
        case .bilinear: x.resizedBilinear(height: height, width: width, alignsCorners: alignCorners)
        }
    }
}
