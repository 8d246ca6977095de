import Foundation
import Graphs
import Memory
import MindSporeTestKit
import Networks
import Tensors
import Testing

/// Layers compute what MindSpore's of the same name and arguments do: results, gradients, running state, names of parameters.
@Suite(.enabled(if: hasMindSpore), .serialized)
struct MindSporeLayerTests {
    @Test func convolutionsAreMindSpores() throws { try compare(convolutionCases) }

    @Test func transposedConvolutionsAreMindSpores() throws { try compare(transposedCases) }

    @Test func normalisationsAreMindSpores() throws { try compare(normalisationCases) }

    @Test func poolingsAreMindSpores() throws { try compare(poolingCases) }

    @Test func denseLayersAreMindSpores() throws { try compare(denseCases) }

    @Test func recurrentLayersAreMindSpores() throws { try compare(recurrentCases) }

    private func compare(_ cases: [LayerCase]) throws {
        let folder = try LayerFolder()
        for layer in cases { try folder.add(layer) }
        let mistakes = try folder.run()
        #expect(mistakes == nil)
    }
}

/// A layer, and MindSpore's.
struct LayerCase {
    let layer: String
    let arguments: [String: LayerArgument]
    let input: Shape
    let training: Bool
    let make: () -> any Cell

    init(
        _ layer: String, _ arguments: [String: LayerArgument], _ input: Shape, training: Bool = false,
        _ make: @autoclosure @escaping () -> any Cell
    ) {
        (self.layer, self.arguments, self.input, self.training) = (layer, arguments, input, training)
        self.make = make
    }
}

/// What a keyword argument is given.
enum LayerArgument: Encodable, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral
{
    case int(Int), bool(Bool), double(Double), string(String), ints([Int])

    init(integerLiteral value: Int) { self = .int(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(floatLiteral value: Double) { self = .double(value) }
    init(stringLiteral value: String) { self = .string(value) }
    init(arrayLiteral elements: Int...) { self = .ints(elements) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .int(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .ints(let value): try container.encode(value)
        }
    }
}

/// A folder with layers and their numbers, for `Tests/MindSpore/layers.py`.
private final class LayerFolder {
    private struct Stored: Encodable {
        let shape: [Int]
        let path: String
    }

    private struct StoredParameter: Encodable {
        let name: String
        let before: Stored
        var gradient: Stored?
        var after: Stored?
    }

    private struct StoredCase: Encodable {
        let layer: String
        let arguments: [String: LayerArgument]
        let training: Bool
        let input: Stored
        let weights: Stored
        let output: Stored
        let gradient: Stored
        let parameters: [StoredParameter]
    }

    private let url = URL(filePath: NSTemporaryDirectory()).appending(path: "layers-\(UUID().uuidString)")
    private var cases: [StoredCase] = []
    private var count = 0

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Computes with a layer and stores everything that went in and came out.
    func add(_ layer: LayerCase) throws {
        let cell = layer.make()
        let parameters = cell.parameters
        for (index, parameter) in parameters.enumerated() { fill(parameter, seed: UInt64(index)) }
        var stored = try parameters.map { StoredParameter(name: $0.name, before: try store($0.tensor)) }

        let trace = Trace(cursor: layer.training ? StepCursor(seed: 1) : nil)
        let x = trace.input("x", TensorType(layer.input))
        let y = cell(x)
        let weights = trace.input("weights", y.type)
        let trained = parameters.indices.filter { parameters[$0].requiresGradient }
        let gradients = trace.gradients(
            of: (y * weights).sum(), withRespectTo: [x] + trained.map { trace.symbol(for: parameters[$0]) })
        let graph = trace.finish(outputs: [y] + gradients.compactMap(\.self))
        #expect(gradients.allSatisfy { $0 != nil }, "\(layer.layer)")
        let inputs = [random(layer.input, seed: 91), random(y.shape, seed: 92)]
        let outputs = try graph.evaluated(inputs)

        for (index, place) in trained.enumerated() { stored[place].gradient = try store(outputs[2 + index]) }
        for place in parameters.indices where !parameters[place].requiresGradient {
            stored[place].after = try store(parameters[place].tensor)
        }
        cases.append(
            StoredCase(
                layer: layer.layer, arguments: layer.arguments, training: layer.training, input: try store(inputs[0]),
                weights: try store(inputs[1]), output: try store(outputs[0]), gradient: try store(outputs[1]),
                parameters: stored))
    }

    /// Returns what MindSpore says if something is wrong.
    func run() throws -> String? {
        try JSONEncoder().encode(cases).write(to: url.appending(path: "layers.json"))
        return try MindSporeScript("layers.py").run([url.path(percentEncoded: false)])
    }

    /// Random numbers; those of variances are positive, those of recurrent layers small.
    private func fill(_ parameter: Parameter, seed: UInt64) {
        let values = random(parameter.shape, seed: seed).elements(of: Float.self)
        let isVariance = parameter.name.hasSuffix("variance")
        // MindSpore's Tanh on a CPU is exact near 0, and off by up to 1e-4 at 5.
        let factor: Float = parameter.name.contains("_l") ? 0.4 : 1
        parameter.tensor.copy(
            from: Tensor(values.map { isVariance ? 1 + $0 / 2 : $0 * factor }, shape: parameter.shape))
    }

    private func store(_ tensor: Tensor) throws -> Stored {
        let path = "\(count).bin"
        count += 1
        let bytes = tensor.bytes.span
        try Data(bytes.indices.map { bytes[$0] }).write(to: url.appending(path: path))
        return Stored(shape: tensor.shape.dimensions, path: path)
    }
}
