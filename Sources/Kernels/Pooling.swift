import Memory

/// The sizes of a 2-D pooling in NCHW.
///
/// The input is [batch, channels, height.input, width.input], the output [batch, channels, height.output, width.output].
public struct PoolingGeometry: Sendable, Hashable {
    /// The number of images.
    public let batch: Int

    /// The number of channels, which pooling leaves as it is.
    public let channels: Int

    /// The vertical axis.
    public let height: WindowAxis

    /// The horizontal axis.
    public let width: WindowAxis

    /// Describes a pooling of `batch` images; each window has to reach into the input.
    public init(batch: Int, channels: Int, height: WindowAxis, width: WindowAxis) {
        insist(batch >= 0 && channels > 0, "a pooling cannot have \(batch) images of \(channels) channels")
        for axis in [height, width] {
            insist(
                max(axis.paddingBefore, axis.paddingAfter) < axis.kernel && axis.dilation == 1,
                "a pooling window of \(axis.kernel) cannot have padding \(axis.paddingBefore) and "
                    + "\(axis.paddingAfter), dilation \(axis.dilation): it would look at padding alone")
        }
        self.batch = batch
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// The number of elements of the input.
    public var inputCount: Int { planes * inputPlane }

    /// The number of elements of the output.
    public var outputCount: Int { planes * outputPlane }

    /// The number of channels of all images.
    var planes: Int { batch * channels }

    /// The number of elements of a channel of an input image.
    var inputPlane: Int { height.input * width.input }

    /// The number of elements of a channel of an output image.
    var outputPlane: Int { height.output * width.output }
}

/// Takes the largest element of each window, and where it stood; padding never counts.
///
/// `indices` has the shape of the output and holds the place in the plane, `row · width.input + column`, for
/// ``maxPool2DGradient(_:indices:into:geometry:pool:)``. The first of equals is taken; NaN is larger than any number.
/// The channels are spread over the pool. MindSpore: `MaxPoolWithArgmax`.
public func maxPool2D(
    _ input: Span<Float>, into output: inout MutableSpan<Float>, indices: inout MutableSpan<Int32>,
    geometry: PoolingGeometry, pool: ThreadPool
) {
    require(input.count, of: "the input", is: geometry.inputCount)
    require(output.count, of: "the output", is: geometry.outputCount)
    require(indices.count, of: "the indices", is: geometry.outputCount)
    unsafe input.withAddress { input in
        unsafe withTargets(&output, &indices) { output, indices in
            let work = unsafe MaxPooling(geometry: geometry, input: input, output: output, indices: indices)
            unsafe pool.forEach(geometry.planes, with: work) { work, plane in unsafe work.run(plane) }
        }
    }
}

/// Computes the gradient of ``maxPool2D(_:into:indices:geometry:pool:)``: each output's gradient goes to the place its
/// value came from, and where windows overlap they add up in their order.
///
/// `outputGradient` and `indices` have the shape of the output, `inputGradient` that of the input. MindSpore:
/// `MaxPoolGradWithArgmax`.
public func maxPool2DGradient(
    _ outputGradient: Span<Float>, indices: Span<Int32>, into inputGradient: inout MutableSpan<Float>,
    geometry: PoolingGeometry, pool: ThreadPool
) {
    require(outputGradient.count, of: "the output's gradient", is: geometry.outputCount)
    require(indices.count, of: "the indices", is: geometry.outputCount)
    require(inputGradient.count, of: "the input's gradient", is: geometry.inputCount)
    unsafe withAddresses(outputGradient, indices) { gradient, indices in
        unsafe inputGradient.withAddress { result in
            let work = unsafe MaxPoolingGradient(
                geometry: geometry, gradient: gradient, indices: indices, result: result)
            unsafe pool.forEach(geometry.planes, with: work) { work, plane in unsafe work.run(plane) }
        }
    }
}

/// What every thread needs to know to send gradients back.
@unsafe private struct MaxPoolingGradient {
    let geometry: PoolingGeometry
    let gradient: UnsafePointer<Float>
    let indices: UnsafePointer<Int32>
    let result: UnsafeMutablePointer<Float>

    func run(_ plane: Int) {
        let target = unsafe result + plane * geometry.inputPlane
        unsafe target.update(repeating: 0, count: geometry.inputPlane)
        let start = unsafe plane * geometry.outputPlane
        for place in unsafe start..<start + geometry.outputPlane {
            unsafe target[Int(indices[place])] += gradient[place]
        }
    }
}
