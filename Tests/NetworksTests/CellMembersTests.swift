import Graphs
import Networks
import Tensors
import Testing

/// Wherever people keep cells in their own network, training finds them, or refuses the network.
@Suite struct CellMembersTests {
    @Test func cellsInEveryKindOfPropertyAreFound() {
        #expect(
            Collector().parameters.map(\.name) == [
                "scale", "layers.0.weight", "layers.1.weight", "layers.2.0.weight", "heads.color.weight",
                "heads.size.weight", "optional.weight", "pair.first.weight", "pair.second.weight", "tuple.0.weight",
                "tuple.named.weight", "choice.weight", "wrapped.weight", "nested.0.0.weight",
            ])
    }

    @Test func propertiesOfASuperclassAreFoundFirst() {
        #expect(Derived().parameters.map(\.name) == ["base.weight", "own.weight"])
    }

    @Test func lazyPropertyIsFoundUnderItsNameOnceItIsMade() {
        let network = Lazy()
        #expect(network.parameters.isEmpty)
        _ = network.head
        #expect(network.parameters.map(\.name) == ["head.weight"])
    }

    @Test func cellsThatNameEachOtherAreWalkedThroughOnce() {
        let parent = Parent()
        parent.child.parent = parent
        #expect(parent.parameters.map(\.name) == ["child.dense.weight", "dense.weight"])
    }

    @Test func networkOfManyLayersIsTracedWithTheirNames() {
        let trace = Trace()
        _ = Collector()(trace.input("x", TensorType([1, 1])))
        let layers = trace.usedParameters.map(\.layer)
        #expect(
            layers.contains("heads.color (Dense) of Collector") && layers.contains("layers.2.0 (Dense) of Collector"))
    }
}

private func layer() -> Dense { Dense(1, 1, hasBias: false) }

private struct Pair {
    let first = layer()
    let number = 3
    let second = layer()
}

private enum Choice {
    case none
    case some(Dense)
}

@propertyWrapper private struct Logged<Value> {
    var wrappedValue: Value
}

private final class Collector: Cell {
    let layers: [any Cell] = [layer(), layer(), SequentialCell(layer())]
    let heads = ["size": layer(), "color": layer()]
    let optional: Dense? = layer()
    let missing: Dense? = nil
    let pair = Pair()
    let tuple = (layer(), named: layer())
    let choice = Choice.some(layer())
    let numbers = [Float](repeating: 1, count: 1_000_000)
    @Logged var wrapped = layer()
    let nested = [[layer()]]
    let scale = Parameter(shape: [1], initializer: .ones)

    func construct(_ x: Symbol) -> Symbol {
        let y = layers.reduce(x) { $1($0) }
        return heads.values.reduce(y) { $1($0) }
    }
}

private class Base: Cell {
    let base = layer()
    func construct(_ x: Symbol) -> Symbol { base(x) }
}

private final class Derived: Base {
    let own = layer()
    override func construct(_ x: Symbol) -> Symbol { own(super.construct(x)) }
}

private final class Lazy: Cell {
    lazy var head = layer()
    func construct(_ x: Symbol) -> Symbol { head(x) }
}

private final class Parent: Cell {
    let child = Child()
    let dense = layer()
    func construct(_ x: Symbol) -> Symbol { dense(child(x)) }
}

private final class Child: Cell {
    weak var parent: Parent?
    let dense = layer()
    func construct(_ x: Symbol) -> Symbol { dense(x) }
}
