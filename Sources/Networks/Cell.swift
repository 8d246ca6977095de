public import Graphs
import Memory

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
    ///
    /// It must take any number of rows, which are samples: those of a rank's part of a batch, in training and in evaluation.
    func construct(_ x: Symbol) -> Symbol

    /// The parameters and cells it is made of, with their names. By default those found in its properties, in order; see
    /// ``foundMembers``. The parts of a cell that is called "" have names as if they were the parts of this one.
    var members: [(name: String, value: Any)] { get }
}

extension Cell {
    /// The parameters and cells in the properties: ``foundMembers``.
    public var members: [(name: String, value: Any)] { foundMembers }

    /// Applies the cell; its nodes carry its type as their scope.
    public func callAsFunction(_ x: Symbol) -> Symbol {
        layer(in: x.trace) { construct(x) }
    }

    /// Notes that `body` writes the nodes of this cell.
    func layer<Result>(in trace: Trace, _ body: () -> Result) -> Result {
        let parent = trace.innermostLayer as? any Cell
        let name = parent?.members.first { $0.value as AnyObject === self }?.name
        return trace.layer(self, called: name ?? "a cell that is no property", body)
    }

    /// All parameters, named: a cell's own first, then those of its cells in order (MindSpore's
    /// `parameters_and_names`). One that is used in two places keeps its first name.
    public var parameters: [Parameter] {
        var found = FoundParameters()
        collectParameters(prefix: "", into: &found)
        return found.parameters
    }

    /// The parameters that training changes: those that are not frozen by `requiresGradient = false`.
    public var trainableParameters: [Parameter] { parameters.filter(\.requiresGradient) }

    private func collectParameters(prefix: String, into found: inout FoundParameters) {
        guard found.cells.insert(ObjectIdentifier(self)).inserted else { return }
        let members = members
        for case (let name, let parameter as Parameter) in members { found.add(parameter, named: prefix + name) }
        for case (let name, let cell as any Cell) in members {
            cell.collectParameters(prefix: name.isEmpty ? prefix : prefix + name + ".", into: &found)
        }
    }
}

/// The parameters of a network, found by walking through its cells.
private struct FoundParameters {
    private(set) var parameters: [Parameter] = []
    private var known: Set<ObjectIdentifier> = []

    /// The cells that were walked through: one that is used in two places is walked through once.
    var cells: Set<ObjectIdentifier> = []

    mutating func add(_ parameter: Parameter, named name: String) {
        guard known.insert(ObjectIdentifier(parameter)).inserted else { return }
        parameter.name = name
        parameters.append(parameter)
    }
}

/// Ends the program if two parameters have one name, for a checkpoint could hold only one of them.
func refuseDoubles(_ parameters: [Parameter]) {
    var names: Set<String> = []
    for parameter in parameters where !names.insert(parameter.name).inserted {
        misuse("two parameters are called \(parameter.name); each needs a name of its own in checkpoints")
    }
}

extension Cell {
    /// Writes the cell into a graph for training; ends the program with a sentence if that reads parameters which were not
    /// among ``parameters`` before: they would be neither trained nor saved.
    package func checked(_ inputs: [Symbol]) -> [Symbol] {
        // Tracing may make lazy cells, which is too late for the optimizer.
        let known = parameters
        refuseDoubles(known)
        let result = outputs(for: inputs)
        refuseOthers(than: known, in: inputs[0].trace)
        return result
    }

    /// Writes the loss of the cell's outputs behind them, and refuses what it reads or changes in the same way.
    package func checked(_ lossFn: any Loss, of outputs: [Symbol], _ labels: [Symbol]) -> Symbol {
        let loss = lossFn.loss(of: outputs, labels)
        refuseOthers(than: parameters, in: loss.trace)
        return loss
    }

    private func refuseOthers(than known: [Parameter], in trace: Trace) {
        let found = Set(known.map(ObjectIdentifier.init))
        let remedy =
            "make its cell a property, or an element or value of one, before the optimizer is made (a lazy property is not "
            + "made before it is used), or list it in `members`"
        for (parameter, layer) in trace.usedParameters where !found.contains(ObjectIdentifier(parameter)) {
            // A table of numbers that nobody trains may lie anywhere.
            guard parameter.requiresGradient || !parameter.isInitialized else { continue }
            misuse(
                "\(layer.isEmpty ? "\(type(of: self))" : layer) uses a parameter \(parameter.type) that the network does not "
                    + "have, so it would be neither trained nor saved: \(remedy)")
        }
        for change in trace.changes where !found.contains(ObjectIdentifier(change.parameter)) {
            misuse(
                "\(change.layer.isEmpty ? "\(type(of: self))" : change.layer) changes a parameter \(change.parameter.type) that "
                    + "the network does not have, so it would not be saved: \(remedy)")
        }
    }
}
