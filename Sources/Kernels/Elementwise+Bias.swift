/// Adds a bias to every row: `result[r, j] = x[r, j] + bias[j]`.
///
/// `x` and `result` are [rows, columns], `bias` is [columns]; `result` may be the memory of `x`. The gradient of the
/// bias is ``sumLeadingAxis(_:into:rows:columns:)``.
public func addBias(
    _ x: Span<Float>, bias: Span<Float>, into result: inout MutableSpan<Float>, rows: Int, columns: Int
) {
    require(x.count, of: "x", is: rows * columns)
    require(bias.count, of: "the bias", is: columns)
    require(result.count, of: "the result", is: rows * columns)
    unsafe withAddresses(x, bias) { x, bias in
        unsafe result.withAddress { result in
            for row in 0..<rows {
                let start = row * columns
                forEachLanes(of: columns) { j, width in
                    let sum = unsafe Lanes(at: x + start + j, width: width) + Lanes(at: bias + j, width: width)
                    unsafe sum.store(to: result + start + j, width: width)
                }
            }
        }
    }
}

/// Adds a bias to every channel: `result[i, c, p] = x[i, c, p] + bias[c]`.
///
/// `x` and `result` are [batch, channels, plane] (a plane is height · width), `bias` is [channels]; `result` may be the
/// memory of `x`. The gradient of the bias is ``sumChannels(_:into:batch:channels:plane:)``. MindSpore: `BiasAdd`.
public func addChannelBias(
    _ x: Span<Float>, bias: Span<Float>, into result: inout MutableSpan<Float>, batch: Int, channels: Int, plane: Int
) {
    require(x.count, of: "x", is: batch * channels * plane)
    require(bias.count, of: "the bias", is: channels)
    require(result.count, of: "the result", is: batch * channels * plane)
    unsafe withAddresses(x, bias) { x, bias in
        unsafe result.withAddress { result in
            for row in 0..<batch * channels {
                let start = row * plane
                let addend = unsafe bias[row % channels]
                forEachLanes(of: plane) { p, width in
                    let sum = unsafe Lanes(at: x + start + p, width: width) + addend
                    unsafe sum.store(to: result + start + p, width: width)
                }
            }
        }
    }
}
