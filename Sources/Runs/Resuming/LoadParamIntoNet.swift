import Checkpoints
import Graphs
import Memory
public import Networks
import Tensors

/// What ``loadParamIntoNet(_:_:strictLoad:)`` has left over.
public struct LoadReport: Equatable, Sendable {
    /// The network's parameters that found no value.
    public let notLoaded: [String]

    /// The names of the checkpoint that no parameter took.
    public let notTaken: [String]
}

/// Gives a network's parameters the values of a checkpoint (MindSpore's `load_param_into_net`).
///
/// Names must be equal. Without `strictLoad`, parameters that find none take the names that differ by one prefix, such as
/// "model.fc1.weight" for "fc1.weight", and Float32 and Float64 are converted to each other. All types are compared before
/// the first parameter is changed.
///
/// - Throws: ``LoadError/otherType(name:found:expected:)``.
public func loadParamIntoNet(
    _ network: any Cell, _ parameters: LoadedCheckpoint, strictLoad: Bool = false
) throws(LoadError) -> LoadReport {
    let all = network.parameters
    var sources: [ByteName: String] = [:]
    for parameter in all where parameters.tensor(parameter.name) != nil { sources[parameter.name] = parameter.name }
    let missing = all.map(\.name).filter { sources[$0] == nil }
    if !strictLoad, let prefix = commonPrefix(of: missing, in: parameters) {
        for name in missing where parameters.tensor(prefix + name) != nil { sources[name] = prefix + name }
    }

    var updates: [(parameter: Parameter, value: Tensor)] = []
    for parameter in all {
        guard let source = sources[parameter.name], let value = parameters.tensor(source) else { continue }
        let target = parameter.tensor
        let isFit =
            value.type == target.type
            || (!strictLoad && value.shape == target.shape && value.canBecome(target.elementType))
        guard isFit else {
            throw .otherType(name: parameter.name, found: "\(value.type)", expected: "\(target.type)")
        }
        updates.append((parameter, value))
    }
    for (parameter, value) in updates {
        parameter.tensor.convert(from: value)
        parameter.isInitialized = true
    }
    let taken = Set(sources.values.map(ByteName.init))
    return LoadReport(
        notLoaded: all.map(\.name).filter { sources[$0] == nil },
        notTaken: parameters.entries.map(\.name).filter { !taken.contains($0) })
}

/// What stands before the name of a parameter in the checkpoint, if any name of it ends like this; MindSpore's rule.
private func commonPrefix(of names: [String], in parameters: LoadedCheckpoint) -> String? {
    for name in names {
        let ending = name.utf8
        for found in parameters.entries.map(\.name.utf8) where found.count > ending.count {
            if found.suffix(ending.count).elementsEqual(ending) { return String(found.dropLast(ending.count)) }
        }
    }
    return nil
}

extension Tensor {
    /// Whether the elements can be converted to another type without becoming something else.
    fileprivate func canBecome(_ type: ElementType) -> Bool {
        [elementType, type].allSatisfy { $0 == .float32 || $0 == .float64 }
    }

    /// Takes over the elements of a tensor of the same shape.
    fileprivate func convert(from other: Tensor) {
        switch (other.elementType, elementType) {
        case (.float32, .float64): fill(other.elements(of: Float.self).map { Double($0) })
        case (.float64, .float32): fill(other.elements(of: Double.self).map { Float($0) })
        default: copy(from: other)
        }
    }

    private func fill<Element: TensorElement>(_ values: [Element]) {
        let slice = slice(of: Element.self)
        var target = slice.mutableSpan
        for index in values.indices { target[index] = values[index] }
    }
}
