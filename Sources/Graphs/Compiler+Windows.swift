import Kernels
import Memory
import Tensors

// Convolutions and poolings: the kernels that slide a window over [N, C, H, W].

extension Compiler {
    func convolution(_ node: Node, _ operands: Operands) -> () -> Void {
        switch node.operation {
        case .convolution(let settings):
            let geometry = settings.geometry(input: operands.shape, weight: operands.inputs[1].shape)
            return binary(operands) { [pool] in
                Kernels.convolve2D($0, weight: $1, into: &$2, geometry: geometry, pool: pool)
            }
        case .convolutionInputGradient(let settings, let input):
            let geometry = settings.geometry(input: input, weight: operands.shape)
            return binary(operands) { [pool] in
                Kernels.convolve2DInputGradient($1, weight: $0, into: &$2, geometry: geometry, pool: pool)
            }
        case .convolutionWeightGradient(let settings, let weight):
            let geometry = settings.geometry(input: operands.shape, weight: weight)
            return binary(operands) { [pool] in
                Kernels.convolve2DWeightGradient($0, outputGradient: $1, into: &$2, geometry: geometry, pool: pool)
            }
        default: fatalError("\(node.operation) is no convolution")
        }
    }

    func pooling(_ node: Node, _ operands: Operands) -> () -> Void {
        switch node.operation {
        case .maxPool(let settings):
            let geometry = settings.geometry(input: operands.shape)
            let (x, y, places) = (operands.input(0), operands.result(0), operands.results[1].slice(of: Int32.self))
            return { [pool] in
                var result = y.mutableSpan
                var indices = places.mutableSpan
                Kernels.maxPool2D(x.span, into: &result, indices: &indices, geometry: geometry, pool: pool)
            }
        case .maxPoolGradient(let settings, let input):
            let geometry = settings.geometry(input: input)
            let (g, places, y) = (operands.input(0), operands.inputs[1].slice(of: Int32.self), operands.result())
            return { [pool] in
                var result = y.mutableSpan
                Kernels.maxPool2DGradient(g.span, indices: places.span, into: &result, geometry: geometry, pool: pool)
            }
        default: fatalError("\(node.operation) is no pooling")
        }
    }
}

extension Convolution {
    func geometry(input: Shape, weight: Shape) -> ConvolutionGeometry {
        ConvolutionGeometry(
            batch: input[0], inputChannels: input[1], outputChannels: weight[0],
            height: axis(0, input: input, kernel: weight[2]), width: axis(1, input: input, kernel: weight[3]))
    }

    private func axis(_ index: Int, input: Shape, kernel: Int) -> WindowAxis {
        WindowAxis(
            input: input[2 + index], kernel: kernel, stride: stride[index], dilation: dilation[index],
            padding: .explicit(before: padding[2 * index], after: padding[2 * index + 1]))
    }
}

extension Pooling {
    func geometry(input: Shape) -> PoolingGeometry {
        PoolingGeometry(batch: input[0], channels: input[1], height: axis(0, input), width: axis(1, input))
    }

    private func axis(_ index: Int, _ input: Shape) -> WindowAxis {
        WindowAxis(
            input: input[2 + index], kernel: kernel[index], stride: stride[index],
            padding: .explicit(before: padding[2 * index], after: padding[2 * index + 1]))
    }
}
