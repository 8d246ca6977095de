public import Graphs

/// A piece of a network: parameters, other cells, and what they do to a value (MindSpore's `nn.Cell`).
///
/// ```swift
/// final class Head: Cell {
///     let fc1 = Dense(84, 32)
///     let fc2 = Dense(32, 10)
///
///     func construct(_ x: Symbol) -> Symbol { fc2(fc1(x).relu()) }
/// }
/// ```
///
/// The names of its properties name its parameters: `fc1.weight`, `fc1.bias`, `fc2.weight`, `fc2.bias`. A cell is
/// traced once into a graph; ``construct(_:)`` does not run in a training step.
public protocol Cell: AnyObject {
    /// Writes what the cell does to `x` into the graph that `x` belongs to (MindSpore's `construct`).
    func construct(_ x: Symbol) -> Symbol

    /// The parameters and cells it is made of, with their names. By default its properties, in order.
    var members: [(name: String, value: Any)] { get }
}

extension Cell {
    /// The stored properties that are parameters or cells, in the order of their declaration.
    public var members: [(name: String, value: Any)] {
        Mirror(reflecting: self).children.compactMap { child in
            guard let name = child.label, child.value is Parameter || child.value is any Cell else { return nil }
            return (name, child.value)
        }
    }

    /// Applies the cell; its nodes carry its type as their scope.
    public func callAsFunction(_ x: Symbol) -> Symbol {
        x.trace.scope("\(type(of: self))") { construct(x) }
    }

    /// All parameters, named: a cell's own first, then those of its cells in order (MindSpore's
    /// `parameters_and_names`). One that is used in two places keeps its first name.
    public var parameters: [Parameter] {
        var found: [Parameter] = []
        collectParameters(prefix: "", into: &found)
        return found
    }

    /// The parameters that training changes.
    public var trainableParameters: [Parameter] { parameters.filter(\.requiresGradient) }

    private func collectParameters(prefix: String, into found: inout [Parameter]) {
        let members = members
        for case (let name, let parameter as Parameter) in members where !found.contains(where: { $0 === parameter }) {
            parameter.name = prefix + name
            found.append(parameter)
        }
        for case (let name, let cell as any Cell) in members {
            cell.collectParameters(prefix: prefix + name + ".", into: &found)
        }
    }
}
