import Execution
import Glibc
import Graphs
import Networks
import Tensors
import Testing

/// Cells, losses and attention give what MindSpore gives, and pass the same gradients back.
@Suite struct MindSporeCellTests {
    static let cells: [(name: String, make: @Sendable () -> any Cell)] = [
        ("Sigmoid", { Sigmoid() }), ("SiLU", { SiLU() }), ("LeakyReLU", { LeakyReLU() }), ("ELU", { ELU() }),
        ("Softplus", { Softplus() }), ("HSwish", { HSwish() }), ("HSigmoid", { HSigmoid() }), ("ReLU6", { ReLU6() }),
        ("GELU", { GELU() }), ("erfGELU", { GELU(approximate: false) }), ("Softmax", { Softmax(axis: 0) }),
        ("LogSoftmax", { LogSoftmax() }),
    ]

    @Test(arguments: cells.map(\.name)) func cellsComputeTheSame(name: String) throws {
        let cell = try #require(Self.cells.first { $0.name == name }).make()
        let expected = try #require(MindSporeOperationNumbers.cells[name])
        let x = Tensor(wave(12, 0.7, scale: 5), shape: [3, 4])
        try expect(try valueAndGradient([x]) { cell($0[0]) }, expected)
    }

    static let losses: [(name: String, make: @Sendable () -> any Loss)] = [
        ("L1Loss", { L1Loss() }), ("L1Loss sum", { L1Loss(reduction: .sum) }),
        ("SmoothL1Loss", { SmoothL1Loss(beta: 0.5) }), ("HuberLoss", { HuberLoss(delta: 0.7) }),
        ("BCEWithLogitsLoss", { BCEWithLogitsLoss() }),
        (
            "BCEWithLogitsLoss weighted",
            { BCEWithLogitsLoss(weight: Tensor(weight, shape: [5]), posWeight: Tensor(byClass, shape: [5])) }
        ),
        ("BCELoss", { BCELoss() }), ("CrossEntropyLoss", { CrossEntropyLoss() }),
        ("CrossEntropyLoss smoothed", { CrossEntropyLoss(weight: weight, ignoreIndex: 0, labelSmoothing: 0.1) }),
        ("CrossEntropyLoss shares", { CrossEntropyLoss(weight: weight, labelSmoothing: 0.1) }),
        ("NLLLoss", { NLLLoss(weight: weight, ignoreIndex: 4) }), ("KLDivLoss", { KLDivLoss() }),
        ("KLDivLoss batchmean", { KLDivLoss(reduction: .batchmean) }),
    ]

    @Test(arguments: losses.map(\.name)) func lossesComputeTheSame(name: String) throws {
        let loss = try #require(Self.losses.first { $0.name == name }).make()
        let expected = try #require(MindSporeOperationNumbers.losses[name])
        let logits = wave(20, 0.7, scale: 3)
        let x = Tensor(name == "BCELoss" ? shares(logits) : logits, shape: [4, 5])
        try expect(try valueAndGradient([x, labels(of: name)]) { loss.construct($0[0], $0[1]) }, expected)
    }

    private func labels(of loss: String) -> Tensor {
        let numbers = wave(20, 0.2)
        switch loss {
        case "CrossEntropyLoss", "CrossEntropyLoss smoothed", "NLLLoss":
            return Tensor([4, 0, 2, 2] as [Int32], shape: [4])
        case _ where loss.contains("L1") || loss == "HuberLoss": return Tensor(numbers, shape: [4, 5])
        default: return Tensor(shares(numbers), shape: [4, 5])
        }
    }

    @Test(arguments: [false, true]) func attentionComputesTheSame(isMasked: Bool) throws {
        let layer = MultiheadAttention(4, numHeads: 2)
        #expect(
            layer.parameters.map(\.name) == ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"])
        fillWithWaves(layer.parameters)
        let expected = try #require(MindSporeOperationNumbers.attention[isMasked ? "masked" : "plain"])
        let x = Tensor(wave(24, 0.9), shape: [2, 3, 4])
        let result = try valueAndGradient([x]) { inputs in
            guard isMasked else { return layer(inputs[0]) }
            let trace = inputs[0].trace
            return layer(
                query: inputs[0], key: inputs[0], value: inputs[0],
                attnMask: trace.constant(Tensor([0, 1, 1, 0, 0, 1, 0, 0, 0] as [Float], shape: [3, 3])),
                keyPaddingMask: trace.constant(Tensor([0, 0, 0, 0, 0, 1] as [Float], shape: [2, 3])))
        }
        try expect(result, expected)
    }

    private func expect(_ actual: [[Float]], _ expected: [[Float]]) throws {
        #expect(actual.count == expected.count)
        for (one, other) in zip(actual, expected) { #expect(largestError(one, other) < 1e-5, "\(one) \(other)") }
    }
}

/// What `build` makes of the inputs, and the gradient by the first of the elements times a wave.
func valueAndGradient(_ tensors: [Tensor], _ build: ([Symbol]) -> Symbol) throws -> [[Float]] {
    let trace = Trace()
    let inputs = tensors.enumerated().map { trace.input("x\($0)", $1.type) }
    let value = build(inputs)
    let weights = trace.constant(Tensor(wave(value.shape.elementCount, 0.3), shape: value.shape))
    let gradient = try #require(trace.gradients(of: (value * weights).sum(), withRespectTo: [inputs[0]])[0])
    let graph = trace.finish(outputs: [value, gradient])
    return try Program(graph, on: CPUBackend()).outputs(for: tensors)
}

/// Numbers between 0 and 1.
private func shares(_ values: [Float]) -> [Float] { values.map { Float(1 / (1 + exp(-Double($0)))) } }

private var weight: [Float] { shares(wave(5, 0.9)) }
private var byClass: [Float] { shares(wave(5, 0.4)) }
