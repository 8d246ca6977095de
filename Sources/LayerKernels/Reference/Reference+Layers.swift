import Glibc
public import Kernels

// Computed in double precision, then rounded once. What each function means stands at the kernel of the same name.
extension Reference {
    /// The mean of each window's elements.
    public static func averagePool2D(
        _ input: Span<Float>, into output: inout MutableSpan<Float>, geometry: AveragePoolingGeometry
    ) {
        for index in 0..<geometry.outputCount {
            let (places, divisor) = window(index, of: geometry)
            output[index] = Float(places.reduce(0.0) { $0 + Double(input[$1]) } / divisor)
        }
    }

    /// Each output's gradient shared among the elements of its window.
    public static func averagePool2DGradient(
        _ outputGradient: Span<Float>, into inputGradient: inout MutableSpan<Float>, geometry: AveragePoolingGeometry
    ) {
        var sums = [Double](repeating: 0, count: geometry.inputCount)
        for index in 0..<geometry.outputCount {
            let (places, divisor) = window(index, of: geometry)
            for place in places { sums[place] += Double(outputGradient[index]) / divisor }
        }
        for i in sums.indices { inputGradient[i] = Float(sums[i]) }
    }

    /// The places of the input that an output is the mean of, and what their sum is divided by.
    private static func window(_ index: Int, of geometry: AveragePoolingGeometry) -> ([Int], Double) {
        let (height, width) = (geometry.height, geometry.width)
        let plane = index / geometry.outputPlane
        let (row, column) = (index % geometry.outputPlane / width.output, index % width.output)
        let places = height.places(of: row).flatMap { y in
            width.places(of: column).map { plane * geometry.inputPlane + y * width.input + $0 }
        }
        return (places, Double(height.divisor(of: row) * width.divisor(of: column)))
    }

    /// The formulas of the gates, one element after the other.
    public static func lstmCell(
        _ gates: inout MutableSpan<Float>, previous: Span<Float>, cell: inout MutableSpan<Float>,
        hidden: inout MutableSpan<Float>, batch: Int, size: Int
    ) {
        for row in 0..<batch {
            for j in 0..<size {
                let place = { gate in row * 4 * size + gate * size + j }
                let (input, forget) = (sigmoid(Double(gates[place(0)])), sigmoid(Double(gates[place(1)])))
                let (candidate, output) = (Glibc.tanh(Double(gates[place(2)])), sigmoid(Double(gates[place(3)])))
                let state = forget * Double(previous[row * size + j]) + input * candidate
                for (gate, value) in [input, forget, candidate, output].enumerated() {
                    gates[place(gate)] = Float(value)
                }
                cell[row * size + j] = Float(state)
                hidden[row * size + j] = Float(output * Glibc.tanh(state))
            }
        }
    }

    /// The formulas of a GRU's gates.
    public static func gruCell(
        _ inputGates: Span<Float>, _ hiddenGates: Span<Float>, previous: Span<Float>,
        gates: inout MutableSpan<Float>, hidden: inout MutableSpan<Float>, batch: Int, size: Int
    ) {
        for row in 0..<batch {
            for j in 0..<size {
                let place = { gate in row * 3 * size + gate * size + j }
                let x = (0..<3).map { Double(inputGates[place($0)]) }
                let h = (0..<3).map { Double(hiddenGates[place($0)]) }
                let (reset, update) = (sigmoid(x[0] + h[0]), sigmoid(x[1] + h[1]))
                let candidate = Glibc.tanh(x[2] + reset * h[2])
                for (gate, value) in [reset, update, candidate].enumerated() { gates[place(gate)] = Float(value) }
                hidden[row * size + j] = Float((1 - update) * candidate + update * Double(previous[row * size + j]))
            }
        }
    }

    private static func sigmoid(_ x: Double) -> Double { 1 / (1 + Glibc.exp(-x)) }
}
