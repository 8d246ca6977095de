import Collectives
import Graphs
import RandomTestKit
import Tensors

/// Graphs of operations on values of several sizes, whose elements stay small.
enum RandomGraph {
    static let inputTypes = [TensorType([5, 7]), TensorType([3, 11, 2]), TensorType([40])]

    static func make(seed: UInt64) -> Graph {
        var dice = SeededGenerator(seed: seed)
        let trace = Trace()
        var symbols = inputTypes.enumerated().map { trace.input("x\($0)", $1) }
        for _ in 0..<Int.random(in: 1...60, using: &dice) {
            symbols += step(trace, symbols, &dice)
        }
        let outputs = (0..<Int.random(in: 1...4, using: &dice)).map { _ in draw(symbols, &dice) }
        return trace.finish(outputs: outputs)
    }

    static func inputs(seed: UInt64) -> [Tensor] {
        inputTypes.map { random($0.shape, seed: seed) }
    }

    private static func step(_ trace: Trace, _ symbols: [Symbol], _ dice: inout SeededGenerator) -> [Symbol] {
        let x = draw(symbols, &dice)
        let other = draw(symbols.filter { $0.type == x.type }, &dice)
        switch Int.random(in: 0..<11, using: &dice) {
        case 0: return [(x + other).tanh()]
        case 1: return [x * other * 0.5]
        case 2: return [(x - other).sigmoid()]
        case 3: return [x.maximum(other)]
        case 4: return [x.relu()]
        case 5: return [x.reshaped(to: [x.shape.elementCount])]
        case 6: return [x.sumRows().tanh()]
        case 7: return [x.reshaped(to: [1, x.shape.elementCount]) * -0.5]
        case 8: return trace.apply(.allReduce(.sum, group: "data"), to: [x, other])
        case 9: return trace.apply(ThroughScratch(), to: [x])
        default: return [x.scaled(by: other.mean())]
        }
    }

    private static func draw(_ symbols: [Symbol], _ dice: inout SeededGenerator) -> Symbol {
        // Late symbols are drawn more often, so that graphs are deep as well as wide.
        let first = Int.random(in: 0..<symbols.count, using: &dice)
        return symbols[max(first, Int.random(in: 0..<symbols.count, using: &dice))]
    }
}
