import Execution
import Graphs
import Networks
import Tensors
import Testing

/// An optimizer as MindSpore has it.
struct OptimizerRule: CustomTestStringConvertible, Sendable {
    let name: String
    let make: @Sendable ([Parameter]) -> Optimizer

    init(_ name: String, _ make: @escaping @Sendable ([Parameter]) -> Optimizer) {
        self.name = name
        self.make = make
    }

    var testDescription: String { name }
}

extension OptimizerTests {
    static let rules: [OptimizerRule] = [
        OptimizerRule("Adam") { Adam($0, learningRate: 0.1) },
        OptimizerRule("Adam decay") { Adam($0, learningRate: 0.1, weightDecay: 0.05) },
        OptimizerRule("Adam nesterov") { Adam($0, learningRate: 0.1, useNesterov: true) },
        OptimizerRule("Adagrad") { Adagrad($0, learningRate: 0.1) },
        OptimizerRule("Adagrad decay") { Adagrad($0, learningRate: 0.1, weightDecay: 0.05) },
        OptimizerRule("RMSProp") { RMSProp($0, learningRate: 0.1) },
        OptimizerRule("RMSProp momentum") { RMSProp($0, learningRate: 0.1, momentum: 0.9, weightDecay: 0.05) },
        OptimizerRule("RMSProp centered") { RMSProp($0, learningRate: 0.1, momentum: 0.9, centered: true) },
        OptimizerRule("AdaFactor") { AdaFactor($0, learningRate: 0.1) },
        OptimizerRule("AdaFactor plain") { AdaFactor($0, learningRate: 0.1, beta1: nil, scaleParameter: false) },
        OptimizerRule("AdaFactor relative") { AdaFactor($0, weightDecay: 0.05) },
    ]

    @Test(arguments: rules) func stepsAreMindSpores(rule: OptimizerRule) throws {
        let expected = try #require(MindSporeOperationNumbers.rules[rule.name])[0]
        #expect(largestError(try threeSteps(counting: true, rule.make), expected) < 1e-5, "\(rule.name)")
    }

    /// p −= rate · (sign(β₁ m + (1 − β₁) g) + decay · p), m = β₂ m + (1 − β₂) g.
    @Test func lionTakesStepsOfOneSize() throws {
        let actual = try threeSteps { Lion($0, learningRate: 0.1, weightDecay: 0.05) }
        let expected = plainSteps { p, m, gradient, _ in
            let mix = 0.9 * m + 0.1 * gradient
            p -= 0.1 * ((mix > 0 ? 1 : mix < 0 ? -1 : 0) + 0.05 * p)
            m = 0.99 * m + 0.01 * gradient
        }
        #expect(largestError(actual, expected) < 1e-6)
    }

    /// MindSpore's own does not run on a CPU. It is Adam's direction, as long as the rate times the parameter.
    @Test func lambTakesStepsInTheSizeOfAParameter() throws {
        let actual = try threeSteps { Lamb($0, learningRate: 0.1, weightDecay: 0.05) }
        let parameters = Dense(3, 2).parameters
        fillWithWaves(parameters)
        // The first step moves a parameter by the rate times its own size.
        for (range, before) in [(0..<6, parameters[0].values), (6..<8, parameters[1].values)] {
            let moved = zip(actual[range], before).map { Double($0 - $1) }
            let (distance, size) = (norm(moved), norm(before.map(Double.init)))
            #expect(abs(distance - 0.1 * size) < 1e-6 * size)
        }
    }

    private func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    /// MindSpore spares the scales and shifts of norms by their names.
    @Test func normsDoNotDecay() throws {
        let parameters = [
            Parameter(name: "norm.gamma", shape: [1], initializer: .ones),
            Parameter(name: "w", shape: [1], initializer: .ones),
        ]
        for parameter in parameters { parameter.initialize(seed: 1) }
        let optimizer = Adagrad(parameters, learningRate: 0.1, weightDecay: 0.5)
        let trace = Trace()
        for index in parameters.indices { optimizer.update(index, gradient: trace.input("g\(index)", TensorType([1]))) }
        let program = Program(trace.finish(outputs: []), on: CPUBackend())
        _ = try program.outputs(for: [Tensor(zeros: [1]), Tensor(zeros: [1])])
        #expect(parameters[0].values == [1])
        #expect(parameters[1].values[0] < 1)
    }

    @Test func groupsHaveRatesAndStateOfTheirOwn() throws {
        let parameters = Dense(3, 2).parameters
        fillWithWaves(parameters)
        let optimizer = GroupedOptimizer([
            SGD([parameters[0]], learningRate: 0.5, momentum: 0.9), SGD([parameters[1]], learningRate: 0.25),
        ])
        #expect(
            optimizer.state.map(\.name) == [
                "global_step", "learning_rate_group_0", "momentum_group_0", "accum.weight", "stat.weight",
                "learning_rate_group_1", "momentum_group_1", "accum.bias", "stat.bias",
            ])
        let before = parameters.map(\.values)
        let trace = Trace()
        for (index, parameter) in parameters.enumerated() {
            optimizer.update(index, gradient: trace.input("g\(index)", TensorType(parameter.shape)))
        }
        let program = Program(trace.finish(outputs: []), on: CPUBackend())
        optimizer.prepare(step: 1)
        _ = try program.outputs(for: parameters.map { Tensor($0.values.map { _ in Float(1) }, shape: $0.shape) })
        optimizer.finish(step: 1)
        for (index, rate) in [Float(0.5), 0.25].enumerated() {
            #expect(largestError(parameters[index].values, before[index].map { $0 - rate }) < 1e-6)
        }
        #expect(optimizer.groups.allSatisfy { $0.globalStep.tensor.elements(of: Int32.self) == [1] })
    }

    @Test func averagesFollowTheParameters() throws {
        let parameter = Parameter(name: "p", shape: [1], initializer: .zeros)
        let optimizer = AveragedOptimizer(SGD([parameter], learningRate: 1.0), decay: 0.75)
        let trace = Trace()
        optimizer.update(0, gradient: trace.input("g", TensorType([1])))
        let program = Program(trace.finish(outputs: []), on: CPUBackend())
        for step in 1...3 {
            optimizer.prepare(step: step)
            _ = try program.outputs(for: [Tensor([-1] as [Float], shape: [1])])
            optimizer.finish(step: step)
        }
        // 1, then 1 + (2 − 1) / 4, then 1.25 + (3 − 1.25) / 4.
        let average = optimizer.withAverages { parameter.values }
        #expect(average == [1.6875])
        #expect(parameter.values == [3])
        #expect(optimizer.state.last?.name == "ema.p")
    }
}
