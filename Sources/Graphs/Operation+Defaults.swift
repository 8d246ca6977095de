import Memory
public import Tensors

extension Operation {
    /// The name of the type, as "softsign".
    public var name: String {
        let type = "\(Self.self)"
        return type.prefix(1).lowercased() + type.dropFirst()
    }

    /// Name and stored properties, the same in every process: of tensors the type and a hash of their elements, of sets and
    /// dictionaries the elements in a fixed order.
    public var description: String {
        let settings = Mirror(reflecting: self).children.map { setting in
            let value = settingText(setting.value)
            return setting.label.map { "\($0): \(value)" } ?? value
        }
        return settings.isEmpty ? name : "\(name)(\(settings.joined(separator: ", ")))"
    }

    /// The description, where nothing in it may change.
    public var structure: String { description }

    /// A computation.
    public var role: OperationRole { .computation }

    /// Any number from 1 on.
    public var inputCount: Int? { nil }

    /// All inputs of an update, and the first of a gather.
    public func changes(input index: Int) -> Bool {
        switch role {
        case .update: true
        case .gather: index == 0
        case .computation, .view, .source, .reduction, .scatter: false
        }
    }

    /// Float32.
    public func elementType(ofInput index: Int) -> ElementType? { .float32 }

    /// The type of the inputs, which is one.
    public func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        try demand(inputs.allSatisfy { $0 == inputs[0] }, "needs \(number(inputs)) of one shape, not", inputs)
        return [inputs[0]]
    }

    private func number(_ inputs: [TensorType]) -> String { inputs.count == 2 ? "two values" : "values" }

    /// Ends the program: who needs a gradient must say it.
    public func inputGradients(x: [Symbol], y: [Symbol], g: Symbol) -> [Symbol?] {
        misuse("\(self) has no gradient: it belongs to the backward pass, or does not say")
    }

    /// Those from the first result. A loss that depends on another one ends the program, for its share would be lost.
    public func inputGradients(x: [Symbol], y: [Symbol], gradients: [Symbol?]) -> [Symbol?] {
        if let other = gradients.dropFirst().firstIndex(where: { $0 != nil }) {
            misuse(
                "the loss depends on result \(other + 1) of \(self), which says the gradients of its first alone; write "
                    + "inputGradients(x:y:gradients:)")
        }
        return gradients[0].map { inputGradients(x: x, y: y, g: $0) } ?? x.map { _ in nil }
    }

    /// Ends the program: what a kernel is, no default can say.
    public func kernel(_ operands: Operands) -> () -> Void { misuse("\(self) does not say how it computes") }

    /// None.
    public func scratchCount(inputs: [Shape], results: [Shape]) -> Int { 0 }

    /// Nothing, as for what only moves memory.
    public func operationCount(inputs: [Shape], results: [Shape]) -> Double? { nil }

    /// None, for it drops nothing.
    public var dropoutRate: Float? { nil }

    /// The refusal of what a graph needs that is trained, and an inference does not.
    public func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        throw NoMindSporeForm("MindSpore has no operator for it in a graph that is only run forward")
    }

    /// The first result, by ``mindSporeForm(_:)``.
    public func mindSporeForms(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> [MindSporeValue] {
        [try mindSporeForm(&calls)]
    }

    /// As many as there are.
    public var mindSporeInputCount: Int? { nil }

    /// They do not, but for shapes.
    public var settingsFollowFromResults: Bool { false }
}
