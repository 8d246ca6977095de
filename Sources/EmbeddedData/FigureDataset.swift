public import Datasets
import Memory
public import Tensors

/// Pictures of a disc and a square in noise, with the class of every pixel, so that a network that segments trains without any
/// file.
///
/// Columns: "image", float32 [1, 32, 32]; "mask", int32 [32, 32]: 0 for the ground, 1 for the disc, 2 for the square, which may
/// cover the disc. A sample is a function of its number.
public struct FigureDataset: Dataset {
    /// Ground, disc and square.
    public static let classes = 3

    /// The 256 samples to train on.
    public static let train = FigureDataset(first: 0, count: 256)

    /// The 64 samples to test with.
    public static let test = FigureDataset(first: 256, count: 64)

    private static let side = 32

    private let first: Int

    /// The number of samples.
    public let count: Int

    private init(first: Int, count: Int) {
        (self.first, self.count) = (first, count)
    }

    /// "image" and "mask".
    public var columns: [DataColumn] {
        [
            DataColumn("image", shape: [1, Self.side, Self.side], elementType: .float32),
            DataColumn("mask", shape: [Self.side, Self.side], elementType: .int32),
        ]
    }

    /// Draws samples.
    public func copySamples(_ indices: ArraySlice<Int>, into tensors: [Tensor]) throws {
        let pixels = Self.side * Self.side
        for (row, index) in indices.enumerated() {
            let range = row * pixels..<(row + 1) * pixels
            draw(
                sample: first + index, image: tensors[0].slice(of: Float.self)[range],
                mask: tensors[1].slice(of: Int32.self)[range])
        }
    }

    private func draw(sample: Int, image: Slice<Float>, mask: Slice<Int32>) {
        let random = RandomSource(seed: 32, stream: UInt64(sample))
        let figures = [Figure(random, from: 0), Figure(random, from: 4)]
        let noise = Tensor(zeros: [Self.side * Self.side])
        noise.fillUniform(in: -0.5..<0.5, random: RandomSource(seed: 33, stream: UInt64(sample)))
        let ground = noise.slice(of: Float.self)
        var pixels = image.mutableSpan
        var classes = mask.mutableSpan
        for place in pixels.indices {
            let (x, y) = (Float(place % Self.side), Float(place / Self.side))
            let isIn = [figures[0].disc(covers: x, y), figures[1].square(covers: x, y)]
            let top = isIn.lastIndex(of: true)
            pixels[place] = ground.span[place] + (top.map { figures[$0].brightness } ?? 0)
            classes[place] = Int32((top ?? -1) + 1)
        }
    }
}

/// Where a figure lies, its size, and how bright it is.
private struct Figure {
    let x: Float
    let y: Float
    let radius: Float
    let brightness: Float

    /// The one that four numbers of a stream say.
    init(_ random: RandomSource, from index: Int) {
        x = 6 + 20 * random.uniform(at: index)
        y = 6 + 20 * random.uniform(at: index + 1)
        radius = 3 + 5 * random.uniform(at: index + 2)
        brightness = 0.4 + 0.6 * random.uniform(at: index + 3)
    }

    func disc(covers x: Float, _ y: Float) -> Bool {
        (x - self.x) * (x - self.x) + (y - self.y) * (y - self.y) <= radius * radius
    }

    func square(covers x: Float, _ y: Float) -> Bool { max(abs(x - self.x), abs(y - self.y)) <= radius }
}
