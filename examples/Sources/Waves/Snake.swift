import Glibc
import Lockstep

/// An operation of your own: x + sin²(f · x) / f, for what repeats (Ziyin, Hartwig and Ueda, "Neural Networks Fail to Learn
/// Periodic Functions and How to Fix It", 2020).
struct Snake: Operation {
    let frequency: Float

    func kernel(_ operands: Operands) -> () -> Void {
        operands.unary { [frequency] x, y in
            for index in x.indices {
                let wave = sin(frequency * x[index])
                y[index] = x[index] + wave * wave / frequency
            }
        }
    }

    func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        [g.apply(SnakeGradient(frequency: frequency), x[0])]
    }

    /// The same in MindSpore's operators. Without this a run must not write a MindIR when it is stopped (`--no-save-mindir`).
    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        let x = calls.x[0]
        let turned = calls.call(.muls, x, frequency)
        let wave = calls.call(.sin, turned)
        let square = calls.call(.square, wave)
        let bump = calls.call(.muls, square, 1 / frequency)
        return calls.call(.add, x, bump)
    }
}

/// What the gradient needs that no operation of Lockstep has: g · (1 + sin(2 f · x)).
struct SnakeGradient: Operation {
    let frequency: Float

    func kernel(_ operands: Operands) -> () -> Void {
        operands.binary { [frequency] g, x, y in
            for index in x.indices { y[index] = g[index] * (1 + sin(2 * frequency * x[index])) }
        }
    }
}

/// A layer on it.
final class SnakeLayer: Cell {
    let frequency: Float

    init(frequency: Float) { self.frequency = frequency }

    func construct(_ x: Symbol) -> Symbol { x.apply(Snake(frequency: frequency)) }
}
