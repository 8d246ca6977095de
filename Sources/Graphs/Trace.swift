import Collectives
import Memory
public import Tensors

/// A graph being written: cells call operations on ``Symbol`` values, and each call appends a node.
public final class Trace {
    private var graph = Graph()
    private var symbolsOfParameters: [ObjectIdentifier: Symbol] = [:]
    private var scopes: [String] = []
    private var layers: [(owner: AnyObject, name: String)] = []
    private lazy var noCursor = StepCursor(seed: 0)
    private var dropoutCount = 0

    /// What is written at the end, with values of which means are wanted, and with means.
    private var endings: (waiting: [Ending], ready: [Ending]) = ([], [])

    /// Where in the run the steps of this graph are; nil if it is for inference, where nothing is random.
    public let cursor: StepCursor?

    /// The group of the ranks that see other samples of a step; nil if there are none.
    private let dataGroup: String?

    /// Starts an empty graph: for training if it is given a cursor in the run, else for inference. `dataGroup` names the
    /// ranks that see other samples of a step.
    public init(cursor: StepCursor? = nil, dataGroup: String? = nil) {
        self.cursor = cursor
        self.dataGroup = dataGroup
    }

    /// Whether the graph is for training: dropout drops, and running statistics move.
    public var isTraining: Bool { cursor != nil }

    /// Adds an input of the graph.
    public func input(_ name: String, _ type: TensorType) -> Symbol {
        let symbol = append(GraphSource.input(name: name), [], types: [type])[0]
        graph.inputs.append(symbol.value)
        return symbol
    }

    /// The symbol of a parameter; the same one each time.
    public func symbol(for parameter: Parameter) -> Symbol {
        if let symbol = symbolsOfParameters[ObjectIdentifier(parameter)] { return symbol }
        let symbol = apply(GraphSource.parameter(parameter), to: [])[0]
        symbolsOfParameters[ObjectIdentifier(parameter)] = symbol
        usedParameters.append((parameter, layer))
        return symbol
    }

    /// Makes a parameter, in every run of the graph, what a value of its shape is. What reads the parameter's symbol before,
    /// sees the value that it had; what reads it after, the new one.
    public func assign(_ value: Symbol, to parameter: Parameter) {
        apply(.assign, to: [symbol(for: parameter), value])
    }

    /// The mean of a value over the ranks that see other samples of a step; the value itself where there are none, and in
    /// inference. What a layer assigns to a parameter must be the same on all of these ranks.
    public func meanOverRanks(_ value: Symbol) -> Symbol { meanOverRanks([value])[0] }

    /// The same of several values, which travel as one message.
    public func meanOverRanks(_ values: [Symbol]) -> [Symbol] {
        guard let dataGroup, isTraining else { return values }
        return apply(.allReduce(.average, group: dataGroup), to: values)
    }

    /// Writes `body` at the end of the graph, with the means of values over the ranks that see other samples of a step.
    ///
    /// All such values of a graph travel as one message behind the loss, so a layer that moves running statistics in this way
    /// does not wait for other ranks in the forward pass.
    ///
    /// - Parameter parameters: What `body` changes, and nothing else.
    public func atEnd(
        withMeansOverRanksOf values: [Symbol], changing parameters: [Parameter], _ body: @escaping ([Symbol]) -> Void
    ) {
        // Behind all nodes, so that whatever reads a parameter in the step sees the value from before.
        changes += parameters.map { ParameterChange(parameter: $0, node: .max, layer: layer) }
        endings.waiting.append(
            Ending(values: values, changing: parameters, layers: layers, scopes: scopes, body: body))
    }

    /// Sends what the end needs the means of.
    func averageForEnd() {
        guard !endings.waiting.isEmpty else { return }
        var means = meanOverRanks(endings.waiting.flatMap(\.values))[...]
        for var ending in endings.waiting {
            ending.values = ending.values.compactMap { _ in means.popFirst() }
            endings.ready.append(ending)
        }
        endings.waiting = []
    }

    private func writeEnd() {
        // Somebody may finish a graph within a scope.
        let around = (layers, scopes)
        defer { (layers, scopes) = around }
        // What is written may have an end of its own.
        while !endings.waiting.isEmpty || !endings.ready.isEmpty {
            averageForEnd()
            let ready = endings.ready
            endings.ready = []
            for ending in ready { write(ending) }
        }
    }

    private func write(_ ending: Ending) {
        (layers, scopes) = (ending.layers, ending.scopes)
        let first = changes.count
        ending.body(ending.values)
        // Those that were named have been looked for in the network.
        for change in changes[first...] where !ending.changing.contains(where: { $0 === change.parameter }) {
            misuse(
                "\(change.layer.isEmpty ? "the graph" : change.layer) changes a parameter \(change.parameter.type) that "
                    + "`atEnd` was not told of, so it might not be saved: name it in `changing`")
        }
    }

    /// The stream of random numbers of a dropout that was given none: by its place in the graph, far from numbers that people choose.
    package func nextDropoutStream() -> Int {
        dropoutCount += 1
        return 1 << 30 + dropoutCount
    }

    /// A value that never changes.
    public func constant(_ tensor: Tensor) -> Symbol {
        apply(GraphSource.constant(tensor), to: [])[0]
    }

    /// Appends a node and returns its results. Operands that the operation does not take end the program with a sentence
    /// that names the layer.
    @discardableResult
    public func apply(_ operation: some Operation, to inputs: [Symbol]) -> [Symbol] {
        do {
            return append(operation, inputs, types: try operation.checkedTypes(of: inputs.map(\.type)))
        } catch {
            refuse(error.sentence)
        }
    }

    /// Names the nodes that `body` appends, inside the names around it: "backbone.conv1".
    public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        scopes.append(name)
        defer { scopes.removeLast() }
        return try body()
    }

    /// Notes that `body` writes the nodes of `owner`, which the layer around it calls `name`.
    package func layer<Result>(_ owner: AnyObject, called name: String, _ body: () throws -> Result) rethrows -> Result
    {
        layers.append((owner, name))
        defer { layers.removeLast() }
        return try scope("\(type(of: owner))", body)
    }

    /// The layer whose nodes are being written; nil outside of all.
    package var innermostLayer: AnyObject? { layers.last?.owner }

    /// What the updates written so far change.
    package private(set) var changes: [ParameterChange] = []

    /// The parameters that the graph reads, in the order of their first use, and which layer that was in.
    package private(set) var usedParameters: [(parameter: Parameter, layer: String)] = []

    /// The layer whose nodes are being written, for people: "fc1 (Dense) of LeNet5"; empty outside of all.
    private var layer: String {
        guard let network = layers.first, let last = layers.last else { return "" }
        let path = layers.dropFirst().map(\.name).filter { !$0.isEmpty }.joined(separator: ".")
        let root = "\(type(of: network.owner))"
        return path.isEmpty ? root : "\(path) (\(type(of: last.owner))) of \(root)"
    }

    private func refuse(_ sentence: String) -> Never {
        misuse(layer.isEmpty ? sentence : "\(layer): \(sentence)")
    }

    /// The finished graph: what the outputs and the updates need, and nothing else.
    public func finish(outputs: [Symbol]) -> Graph {
        writeEnd()
        var finished = graph
        finished.outputs = outputs.map(\.value)
        return finished.pruned()
    }

    var nodes: [Node] { graph.nodes }

    /// The parameter whose memory a value is; nil if it is no parameter's.
    func parameter(behind value: Value) -> Parameter? { graph.parameter(behind: value) }

    /// What random operations read, int32 [2]: the step, and the number of this rank's first sample in the step's batch.
    /// In inference nobody looks at it.
    public var placeInRun: Symbol { symbol(for: (cursor ?? noCursor).parameter) }

    func symbol(_ value: Value) -> Symbol {
        Symbol(trace: self, value: value, type: graph.type(of: value))
    }

    private func append(_ operation: any Operation, _ inputs: [Symbol], types: [TensorType]) -> [Symbol] {
        guard inputs.allSatisfy({ $0.trace === self }) else { refuse("\(operation) mixes symbols of two traces") }
        let index = graph.nodes.count
        for (place, input) in inputs.enumerated() where operation.changes(input: place) {
            guard let parameter = graph.parameter(behind: input.value) else { continue }
            guard isTraining || innermostLayer == nil else {
                refuse(
                    "\(operation) would change \(parameter) in each evaluation and prediction too; a layer changes parameters "
                        + "only if trace.isTraining")
            }
            changes.append(ParameterChange(parameter: parameter, node: index, layer: layer))
        }
        graph.nodes.append(
            Node(
                operation: operation, inputs: inputs.map(\.value), results: types,
                scope: scopes.joined(separator: ".")))
        return types.indices.map { symbol(Value(node: index, result: $0)) }
    }
}

/// What a layer writes at the end of a graph, as if it were written where the layer is.
private struct Ending {
    var values: [Symbol]
    let changing: [Parameter]
    let layers: [(owner: AnyObject, name: String)]
    let scopes: [String]
    let body: ([Symbol]) -> Void
}

/// A value of a graph being written.
public struct Symbol {
    /// The graph it belongs to.
    public let trace: Trace

    /// Which value it is.
    public let value: Value

    /// Its shape and element type.
    public let type: TensorType

    /// Its shape.
    public var shape: Shape { type.shape }
}
