import Memory

/// What lies around the images that a window slides over (MindSpore's `pad_mode`).
public enum PadMode: String, Sendable, Hashable, CaseIterable {
    /// As many zeros as make an output for every `stride` elements, an odd one at the end.
    case same
    /// Nothing: the window stays inside the image.
    case valid
    /// As many zeros as `padding` says.
    case pad
}

extension PadMode {
    /// The zeros before and after each of the axes of these sizes, `padding` being those of ``pad``; all other lists have an
    /// entry an axis.
    func paddings(
        around sizes: [Int], kernel: [Int], stride: [Int], dilation: [Int] = [1, 1], padding: [Int]
    ) -> [Int] {
        switch self {
        case .valid: return sizes.flatMap { _ in [0, 0] }
        case .pad: return padding
        case .same:
            return sizes.indices.flatMap { axis -> [Int] in
                // The operation refuses other strides, in words.
                let step = max(stride[axis], 1)
                let extent = (kernel[axis] - 1) * dilation[axis] + 1
                let total = max((sizes[axis] + step - 1) / step * step - step + extent - sizes[axis], 0)
                return [total / 2, total - total / 2]
            }
        }
    }

    /// Ends the program if it does not go with a padding.
    func check(padding: [Int], of layer: String) {
        // People write one number where all sides are alike.
        let text = Set(padding).count == 1 ? "\(padding[0])" : "\(padding)"
        insist(
            self == .pad || padding.allSatisfy { $0 == 0 },
            "\(layer): padding is \(text) and padMode .\(rawValue); only .pad takes a padding")
        insist(padding.allSatisfy { $0 >= 0 }, "\(layer): padding is \(text); it must be 0 or more")
    }
}
