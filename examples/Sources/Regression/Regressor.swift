import Lockstep

/// A network of layers that add to what they are given.
final class Regressor: Cell {
    let enter: Dense
    let blocks: [Residual]
    let leave: Dense

    init(features: Int, width: Int, depth: Int) {
        enter = Dense(features, width)
        blocks = (0..<depth).map { _ in Residual(width) }
        leave = Dense(width, 1)
    }

    func construct(_ x: Symbol) -> Symbol {
        leave(blocks.reduce(enter(x).relu()) { value, block in block(value) })
    }
}

/// A layer of your own: x + relu(x · weightᵀ + bias).
final class Residual: Cell {
    let inner: Dense

    init(_ width: Int) { inner = Dense(width, width) }

    func construct(_ x: Symbol) -> Symbol { x + inner(x).relu() }
}
