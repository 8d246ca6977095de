public import Kernels
import Memory

/// How the places of a longer or shorter axis are taken from those of another.
public struct ResizeAxis: Sendable, Hashable {
    /// Between which places of the input an output lies.
    public enum Rule: Sendable, Hashable {
        /// At one place: ⌊i · input / output⌋.
        case nearest
        /// Between two, the ends of the axes standing for half a place beyond their last ones.
        case linear
        /// Between two, the last places standing for each other (MindSpore: `align_corners`).
        case linearAlignedCorners
    }

    /// The length of the input.
    public let input: Int

    /// The length of the output.
    public let output: Int

    /// Where outputs lie.
    public let rule: Rule

    /// Describes an axis.
    public init(input: Int, output: Int, rule: Rule) {
        insist(input > 0 && output > 0, "\(input) places cannot be resized to \(output)")
        self.input = input
        self.output = output
        self.rule = rule
    }

    /// The two places that an output lies between, and the share of the second.
    @inline(__always)
    func places(of index: Int) -> (lower: Int, upper: Int, share: Float) {
        let position: Float
        switch rule {
        case .nearest:
            let place = min(index * input / output, input - 1)
            return (place, place, 0)
        case .linear: position = max((Float(index) + 0.5) * Float(input) / Float(output) - 0.5, 0)
        case .linearAlignedCorners:
            position = output > 1 ? Float(index) * Float(input - 1) / Float(output - 1) : 0
        }
        let lower = min(Int(position), input - 1)
        return (lower, min(lower + 1, input - 1), position - Float(lower))
    }
}

/// Resizes planes: `input` is [planes, height.input, width.input], `output` [planes, height.output, width.output].
///
/// The planes are spread over the pool. MindSpore: `ResizeNearestNeighbor`, `ResizeBilinearV2`, `interpolate`.
public func resize2D(
    _ input: Span<Float>, into output: inout MutableSpan<Float>, planes: Int, height: ResizeAxis, width: ResizeAxis,
    pool: ThreadPool
) {
    require(input.count, of: "the input", is: planes * height.input * width.input)
    require(output.count, of: "the output", is: planes * height.output * width.output)
    unsafe input.withAddress { input in
        unsafe output.withAddress { output in
            let work = unsafe Resize(height: height, width: width, source: input, target: output)
            unsafe pool.forEachChunk(of: planes, grain: height.output * width.output, with: work) { work, planes in
                for plane in planes { unsafe work.run(plane) }
            }
        }
    }
}

/// Passes a gradient back through ``resize2D(_:into:planes:height:width:pool:)``: to each place the shares that outputs took of it.
public func resize2DGradient(
    _ outputGradient: Span<Float>, into inputGradient: inout MutableSpan<Float>, planes: Int, height: ResizeAxis,
    width: ResizeAxis, pool: ThreadPool
) {
    require(outputGradient.count, of: "the output's gradient", is: planes * height.output * width.output)
    require(inputGradient.count, of: "the input's gradient", is: planes * height.input * width.input)
    unsafe outputGradient.withAddress { gradient in
        unsafe inputGradient.withAddress { result in
            let work = unsafe Resize(height: height, width: width, source: gradient, target: result)
            unsafe pool.forEachChunk(of: planes, grain: height.output * width.output, with: work) { work, planes in
                for plane in planes { unsafe work.runGradient(plane) }
            }
        }
    }
}

/// The arrays of one resizing.
@unsafe private struct Resize {
    let height: ResizeAxis
    let width: ResizeAxis
    let source: UnsafePointer<Float>
    let target: UnsafeMutablePointer<Float>

    func run(_ plane: Int) {
        let input = unsafe source + plane * height.input * width.input
        let output = unsafe target + plane * height.output * width.output
        for row in unsafe 0..<height.output {
            let (above, below, down) = unsafe height.places(of: row)
            let (upper, lower) = unsafe (input + above * width.input, input + below * width.input)
            for column in unsafe 0..<width.output {
                let (left, right, across) = unsafe width.places(of: column)
                let first = unsafe upper[left] + (upper[right] - upper[left]) * across
                let second = unsafe lower[left] + (lower[right] - lower[left]) * across
                unsafe output[row * width.output + column] = first + (second - first) * down
            }
        }
    }

    func runGradient(_ plane: Int) {
        let gradient = unsafe source + plane * height.output * width.output
        let result = unsafe target + plane * height.input * width.input
        unsafe result.update(repeating: 0, count: height.input * width.input)
        for row in unsafe 0..<height.output {
            let (above, below, down) = unsafe height.places(of: row)
            let (upper, lower) = unsafe (result + above * width.input, result + below * width.input)
            for column in unsafe 0..<width.output {
                let (left, right, across) = unsafe width.places(of: column)
                let g = unsafe gradient[row * width.output + column]
                unsafe upper[left] += g * (1 - down) * (1 - across)
                unsafe upper[right] += g * (1 - down) * across
                unsafe lower[left] += g * down * (1 - across)
                unsafe lower[right] += g * down * across
            }
        }
    }
}
