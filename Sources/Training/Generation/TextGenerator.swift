import Collectives
public import Execution
import Foundation
import Graphs
import Memory
public import Models
import Networks
import Tensors

/// Continues a text with a ``GPT`` on bytes, byte by byte.
public final class TextGenerator {
    private let program: Program
    private let length: Int
    private let vocabulary: Int

    /// Makes a generator from a network that this rank holds whole.
    public init(_ network: GPT, on backend: CPUBackend) {
        length = network.sizes.length
        vocabulary = network.sizes.vocabulary
        let trace = Trace()
        let tokens = trace.input("tokens", TensorType([1, length], .int32))
        program = Program(trace.finish(outputs: [network(tokens)]), on: backend)
    }

    /// Appends `count` bytes to `text`, handing each to `receive` as it is chosen; fewer if `isOver` says so after one.
    ///
    /// At `temperature` 0 the likeliest byte is taken; the higher it is, the more often are others. The same seed gives
    /// the same bytes. What `receive` throws ends it.
    public func generate(
        _ count: Int, after text: [UInt8], temperature: Float, seed: UInt64,
        until isOver: () throws -> Bool = { false }, receive: (UInt8) throws -> Void
    ) throws {
        let random = RandomSource(seed: seed, name: "generate")
        var text = text.isEmpty ? [UInt8(ascii: "\n")] : text
        for index in 0..<count {
            let next = choose(from: try logits(after: text), temperature: temperature, random.uniform(at: index))
            text = Array(text.suffix(length - 1)) + [next]
            try receive(next)
            if try isOver() { return }
        }
    }

    /// The logits of the byte after the last `length` bytes of a text.
    private func logits(after text: [UInt8]) throws(CollectiveError) -> Slice<Float> {
        let window = text.suffix(length)
        let tokens = program.inputs[0].slice(of: Int32.self)
        var target = tokens.mutableSpan
        // What stands behind the text is not seen: attention only looks back.
        for place in 0..<length { target[place] = place < window.count ? Int32(window[window.startIndex + place]) : 0 }
        try program.run()
        let logits = program.outputs[0].slice(of: Float.self)
        return logits[(window.count - 1) * vocabulary..<window.count * vocabulary]
    }

    /// Picks a byte: where the cumulated probabilities pass a number in 0..<1.
    private func choose(from logits: Slice<Float>, temperature: Float, _ number: Float) -> UInt8 {
        let scores = (0..<min(vocabulary, 256)).map { logits.span[$0] }
        let greatest = scores.max() ?? 0
        guard temperature > 0 else { return UInt8(scores.firstIndex(of: greatest) ?? 0) }
        let weights = scores.map { exp(($0 - greatest) / temperature) }
        var rest = number * weights.reduce(0, +)
        for (byte, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return UInt8(byte) }
        }
        return UInt8(weights.count - 1)
    }
}
