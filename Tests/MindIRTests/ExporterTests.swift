import CheckpointsTestKit
import Collectives
import MindIR
import MindSporeTestKit
import Models
import Networks
import SystemPackage
import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

/// What is exported, and what is refused, without MindSpore.
struct ExporterTests {
    private static func refusal(of graph: Graph) -> MindIRError? {
        #expect(throws: MindIRError.self) { try MindIRExporter().model(of: graph) }
    }

    private static func graph(_ outputs: (Trace, Symbol) -> Symbol) -> Graph {
        let trace = Trace()
        let x = trace.input("x", TensorType([2, 4, 6, 6]))
        return trace.finish(outputs: [outputs(trace, x)])
    }

    @Test(arguments: ["reluGradient", "allReduce", "convolutionWeightGradient", "gatherRows"])
    func operationsOfTheBackwardPassAndOfSeveralRanksAreRefusedByName(name: String) throws {
        let operation: any Graphs.Operation =
            switch name {
            case "reluGradient": ReLUGradient()
            case "gatherRows": GatherRows(first: 3)
            case "allReduce": AllReduce(operation: .sum, group: "data")
            default: Convolve.WeightGradient(settings: Convolution(), shape: [4, 4, 3, 3])
            }
        let graph = Self.graph { trace, x in
            let second = name == "gatherRows" ? trace.input("ids", TensorType([2], .int32)) : x
            let first = name == "gatherRows" ? trace.constant(random([3, 4])) : x
            return trace.scope("Block.Layer") { trace.apply(operation, to: [first, second])[0] }
        }
        guard case .cannotExport(name, "Block.Layer", _) = Self.refusal(of: graph) else {
            Issue.record("\(name) is not refused as such")
            return
        }
    }

    /// What real MindSpore does not check in `MindSporeRunTests` and `LayerRunTests` is refused with a reason.
    @Test(arguments: builtInOperations.indices) func operationsThatMindSporeDoesNotCheckAreRefused(index: Int) {
        let operation = builtInOperations[index]
        let checked = RandomGraph.operationNames.union(LayerGraph.operationNames).union(AnyShapeGraph.operationNames)
        guard !checked.contains(operation.name) else { return }
        var calls = MindSporeCalls(inputs: [], giving: [MindSporeType([])])
        #expect(throws: NoMindSporeForm.self, "\(operation)") { try operation.mindSporeForm(&calls) }
    }

    @Test func updatesAreRefusedThoughNoOutputNeedsThem() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([3]))
        let weight = trace.symbol(for: Parameter(name: "w", value: random([3])))
        let rate = trace.constant(Tensor(scalar: Float(1)))
        trace.apply(.momentumUpdate(momentum: 0.9, weightDecay: 0, nesterov: false), to: [weight, x, x, rate])
        guard case .cannotExport("momentumUpdate", _, _) = Self.refusal(of: trace.finish(outputs: [x])) else {
            Issue.record("an update was exported")
            return
        }
    }

    @Test func whatIsRandomIsRefused() throws {
        let trace = Trace(cursor: StepCursor(seed: 1))
        let x = trace.input("x", TensorType([4, 6]))
        let dropout = DropoutSettings(rate: 0.5, columns: 6)
        for symbol in [x.dropped(dropout), x.attended(Attention(heads: 1, length: 2, dropout: dropout))] {
            let reason = "\(String(describing: Self.refusal(of: trace.finish(outputs: [symbol]))))"
            #expect(reason.contains("trace the graph for inference"), "\(reason)")
        }
    }

    @Test func parametersWithoutValuesAreExportedButNotWritten() throws {
        let network = LeNet5()
        let trace = Trace()
        let output = network(trace.input("x", TensorType([1, 1, 32, 32])))
        for parameter in network.parameters where parameter.name != "conv1.weight" { parameter.initialize(seed: 1) }
        let file = try MindIRExporter().model(of: trace.finish(outputs: [output])).files(named: "x")[0]
        #expect(throws: MindIRError.cannotStore(name: "conv1.weight", reason: "it has no value yet")) {
            try file.write(to: MemoryFile())
        }
        #expect(file.parameterNames.sorted() == network.parameters.map(\.name).sorted())
    }

    @Test func byProductsAreRefused() throws {
        let graph = Self.graph { trace, x in
            trace.apply(.maxPool(Pooling(kernel: [2, 2], stride: [2, 2])), to: [x])[1].reshaped(to: [72])
        }
        guard case .cannotExport("maxPool", _, let reason) = Self.refusal(of: graph) else {
            Issue.record("the places of maxima were exported")
            return
        }
        #expect(reason == "its form in MindSpore has no result number 2")
    }

    /// Both halves are outputs, the second first.
    @Test func allResultsThatAFormGivesAreExported() throws {
        let graph = Self.graph { trace, x in
            let halves = trace.apply(Halved(), to: [x])
            return halves[1] - halves[0]
        }
        let reader = try read(try MindIRExporter().model(of: graph))
        #expect(reader.operators["Split"] == 1 && reader.operators["TupleGetItem"] == 2)
        #expect(reader.operators["Sub"] == 1)
    }

    @Test(arguments: [
        (
            Slip.inputs,
            "its form calls Sub with 1 inputs and the attributes []; that takes the inputs [\"input\", \"other\"]"
        ),
        (
            .attributes,
            "its form calls Neg with 1 inputs and the attributes [\"axis\"]; that takes the inputs [\"input\"]"
        ),
        (.value, "its form in MindSpore uses a value of another one"),
        (.result, "its form in MindSpore uses a value of another one"),
    ])
    func aSlipInAFormIsRefusedByTheOperation(slip: Slip, reason: String) {
        let graph = Self.graph { trace, x in trace.scope("Block") { x.apply(Slipping(slip: slip)) } }
        guard case .cannotExport("slipping", "Block", let found) = Self.refusal(of: graph) else {
            Issue.record("\(slip) was exported")
            return
        }
        #expect(found.hasPrefix(reason), "\(found)")
    }

    @Test func paddingsThatMindSporeDoesNotHaveAreRefused() throws {
        for padding in [[0, 1, 0, 0], [2, 2, 0, 0]] {
            let graph = Self.graph { _, x in x.maxPooled(Pooling(kernel: [3, 3], stride: [1, 1], padding: padding)) }
            #expect("\(String(describing: Self.refusal(of: graph)))".contains("\(padding)"))
        }
    }

    @Test func namesThatMindSporeWouldMixUpAreRefused() throws {
        #expect(throws: MindIRError.self) { try MindIRExporter(graphName: "a:b") }
        let trace = Trace()
        let inputs = [trace.input("x", TensorType([1])), trace.input("x", TensorType([1]))]
        #expect(throws: MindIRError.self) { try MindIRExporter().model(of: trace.finish(outputs: inputs)) }
        for name in ["", "w"] {
            let graph = Self.graph { trace, _ in
                let twins = [0, 1].map { _ in trace.symbol(for: Parameter(name: name, value: random([3]))) }
                return twins[0] + twins[1]
            }
            _ = Self.refusal(of: graph)
        }
    }

    @Test func anInputMayBeCalledLikeANode() throws {
        let trace = Trace()
        let x = trace.input("Neg-op0", TensorType([1]))
        let reader = try read(try MindIRExporter().model(of: trace.finish(outputs: [-x])))
        #expect(reader.inputs[0].name != reader.outputs[0].name)
    }

    @Test func anOpenBatchSizeIsMinusOne() throws {
        let reader = try read(try MindIRExporter().model(tracing: LeNet().graph))
        #expect(reader.inputs.map(\.description) == ["x Float32[-1, 1, 32, 32]"])
        #expect(reader.outputs[0].dimensions == [-1, 10])
    }

    @Test func aMeanIsExportedAsOne() throws {
        let reader = try read(try MindIRExporter().model(tracing: LeNet().lossGraph))
        #expect(reader.operators["ReduceMean"] == 1)
        #expect(reader.operators["ReduceSum"] == nil && reader.operators["Muls"] == nil)
    }

    @Test func whatDependsOnAnOpenBatchSizeIsRefused() throws {
        let makers: [(Trace, Symbol) -> Symbol] = [
            { _, x in x * Float(x.shape[0]) },
            { _, x in x.sum().filling(x.shape) },
            { trace, x in x * trace.constant(random(x.shape)) },
            { _, x in x.shape[0] == 2 ? x : x.relu() },
        ]
        for maker in makers {
            #expect(throws: MindIRError.self) {
                try MindIRExporter().model { rows in
                    let trace = Trace()
                    return trace.finish(outputs: [maker(trace, trace.input("x", TensorType([rows, 3])))])
                }
            }
        }
    }
}

/// The halves of an image's channels, both of them in MindSpore too.
private struct Halved: Graphs.Operation {
    func resultTypes(of inputs: [TensorType]) throws(Misfit) -> [TensorType] {
        var half = inputs[0].shape.dimensions
        half[1] /= 2
        return [TensorType(Shape(half)), TensorType(Shape(half))]
    }

    func mindSporeForms(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> [MindSporeValue] {
        calls.callForAll(.split, calls.x[0], 1, 2, giving: calls.types)
    }
}

/// What somebody may do wrong in a form.
enum Slip: CaseIterable {
    case inputs, attributes, value, result
}

private struct Slipping: Graphs.Operation {
    let slip: Slip

    func mindSporeForm(_ calls: inout MindSporeCalls) throws(NoMindSporeForm) -> MindSporeValue {
        var others = calls
        let (x, other) = (calls.x[0], others.call(.neg, calls.x[0]))
        switch slip {
        case .inputs: return calls.call(.sub, x)
        case .attributes: return calls.call(.neg, x, attributes: ["axis": 1])
        case .value: return calls.call(.neg, others.call(.neg, other))
        case .result: return other
        }
    }
}

/// Writes a model of one file to memory and opens it.
func read(_ model: MindIRModel) throws -> MindIRReader {
    let bytes = try bytes(of: model)
    return try MindIRReader("memory.mindir") { MemoryReadableFile(bytes, path: $0) }
}

/// The bytes of a model of one file.
func bytes(of model: MindIRModel) throws -> [UInt8] {
    let files = try model.files(named: "memory", externalLimit: .max)
    let file = MemoryFile()
    try files[0].write(to: file)
    #expect(files.count == 1 && files[0].byteCount == file.bytes.count)
    return file.bytes
}
