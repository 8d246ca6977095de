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

    @Test func firstAndLastStatesAreMindSpores() throws { try compare(stateCases) }

    @Test func sequencesOfOtherLengthsAreMindSpores() throws { try compare(lengthCases) }

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
    /// The shape of the states that a recurrent layer begins with, where they are given.
    let states: Shape?
    /// Where its sequences end, of layers that are given states.
    let lengths: [Int]?
    let make: () -> any Cell

    init(
        _ layer: String, _ arguments: [String: LayerArgument], _ input: Shape, training: Bool = false,
        states: Shape? = nil, lengths: [Int]? = nil, _ make: @autoclosure @escaping () -> any Cell
    ) {
        (self.layer, self.arguments, self.input, self.training) = (layer, arguments, input, training)
        (self.states, self.lengths, self.make) = (states, lengths, make)
    }

    /// As many states as the layer hands from step to step.
    var stateShapes: [Shape] { states.map { Array(repeating: $0, count: layer == "LSTM" ? 2 : 1) } ?? [] }

    /// The output of a cell, and the last states if there were first ones.
    func outputs(of cell: any Cell, for x: Symbol, from states: [Symbol]) -> [Symbol] {
        let lengths = lengths.map { x.trace.constant(Tensor($0.map(Int32.init), shape: [$0.count])) }
        switch cell {
        case let lstm as LSTM where !states.isEmpty:
            let (output, last) = lstm(x, hx: (states[0], states[1]), seqLength: lengths)
            return [output, last.h, last.c]
        case let gru as GRU where !states.isEmpty:
            let (output, last) = gru(x, hx: states[0], seqLength: lengths)
            return [output, last]
        case let rnn as RNN where !states.isEmpty:
            let (output, last) = rnn(x, hx: states[0], seqLength: lengths)
            return [output, last]
        default: return [cell(x)]
        }
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
        let lengths: [Int]?
        let inputs: [Stored]
        let weights: [Stored]
        let outputs: [Stored]
        let gradients: [Stored]
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
        let states = layer.stateShapes.enumerated().map { trace.input("state \($0)", TensorType($1)) }
        let results = layer.outputs(of: cell, for: x, from: states)
        let weights = results.enumerated().map { trace.input("weights \($0)", $1.type) }
        let terms = zip(results, weights).map { ($0 * $1).sum() }
        let trained = parameters.indices.filter { parameters[$0].requiresGradient }
        let gradients = trace.gradients(
            of: terms.dropFirst().reduce(terms[0]) { $0 + $1 },
            withRespectTo: [x] + states + trained.map { trace.symbol(for: parameters[$0]) })
        let graph = trace.finish(outputs: results + gradients.compactMap(\.self))
        #expect(gradients.allSatisfy { $0 != nil }, "\(layer.layer)")
        let inputs = ([x] + states).enumerated().map { random($1.shape, seed: 91 + UInt64($0)) }
        let factors = results.enumerated().map { random($1.shape, seed: 191 + UInt64($0)) }
        let values = try graph.evaluated(inputs + factors)

        let (outputs, others) = (values.prefix(results.count), values.dropFirst(results.count))
        for (place, gradient) in zip(trained, others.dropFirst(inputs.count)) {
            stored[place].gradient = try store(gradient)
        }
        for place in parameters.indices where !parameters[place].requiresGradient {
            stored[place].after = try store(parameters[place].tensor)
        }
        cases.append(
            StoredCase(
                layer: layer.layer, arguments: layer.arguments, training: layer.training, lengths: layer.lengths,
                inputs: try inputs.map(store), weights: try factors.map(store), outputs: try outputs.map(store),
                gradients: try others.prefix(inputs.count).map(store), parameters: stored))
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
