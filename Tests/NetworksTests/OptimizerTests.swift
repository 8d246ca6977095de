import Execution
import Graphs
import Networks
import Tensors
import Testing

/// Three steps of a Dense(3, 2) with given gradients: against MindSpore's formulas, and against MindSpore.
@Suite struct OptimizerTests {
    static let momentumCases = [
        MomentumCase(nesterov: false, decay: 0, mindSpore: MindSporeNumbers.momentum),
        MomentumCase(nesterov: false, decay: 0.05, mindSpore: MindSporeNumbers.momentumDecay),
        // The formula is MindSpore's on GPU and Ascend; its CPU kernel takes `use_nesterov` and does without.
        MomentumCase(nesterov: true, decay: 0),
        MomentumCase(nesterov: true, decay: 0.05),
    ]

    static let sgdCases = [
        SGDCase(mindSpore: MindSporeNumbers.sgd),
        SGDCase(decay: 0.05, mindSpore: MindSporeNumbers.sgdDecay),
        SGDCase(momentum: 0.9, mindSpore: MindSporeNumbers.sgdMomentum),
        SGDCase(momentum: 0.9, dampening: 0.3, decay: 0.05, mindSpore: MindSporeNumbers.sgdDampening),
        SGDCase(momentum: 0.9, decay: 0.05, nesterov: true, mindSpore: MindSporeNumbers.sgdNesterov),
        SGDCase(momentum: 0.5, nesterov: true),
    ]

    @Test(arguments: momentumCases) func momentumFollowsTheFormula(rule: MomentumCase) throws {
        let actual = try threeSteps {
            Momentum($0, learningRate: 0.1, momentum: 0.9, weightDecay: Float(rule.decay), useNesterov: rule.nesterov)
        }
        let expected = plainSteps { p, v, gradient, _ in
            let g = gradient + rule.decay * p
            v = 0.9 * v + g
            p -= 0.1 * (rule.nesterov ? g + 0.9 * v : v)
        }
        #expect(largestError(actual, expected) < 1e-6)
        if let mindSpore = rule.mindSpore { #expect(largestError(actual, mindSpore) < 1e-6) }
    }

    @Test(arguments: sgdCases) func sgdFollowsTheFormula(rule: SGDCase) throws {
        let actual = try threeSteps {
            SGD(
                $0, learningRate: 0.1, momentum: Float(rule.momentum), dampening: Float(rule.dampening),
                weightDecay: Float(rule.decay), nesterov: rule.nesterov)
        }
        let expected = plainSteps { p, v, gradient, step in
            let g = gradient + rule.decay * p
            v = step == 0 ? g : rule.momentum * v + (1 - rule.dampening) * g
            p -= 0.1 * (rule.momentum == 0 ? g : rule.nesterov ? g + rule.momentum * v : v)
        }
        #expect(largestError(actual, expected) < 1e-6)
        if let mindSpore = rule.mindSpore { #expect(largestError(actual, mindSpore) < 1e-6) }
    }

    /// The count comes from a checkpoint, in which anything may stand.
    @Test(arguments: [Int32.min, -1, .max]) func aCountThatNoRunHasMadeIsNoTrap(count: Int32) throws {
        let updated = try threeSteps { parameters in
            let optimizer = AdamW(parameters, learningRate: 0.1)
            optimizer.state[0].tensor.copy(from: Tensor([count], shape: [1]))
            return optimizer
        }
        #expect(updated.allSatisfy { $0.isFinite })
    }

    @Test func stateHasMindSporesNames() {
        let parameters = Dense(3, 2).parameters
        #expect(
            Momentum(parameters, learningRate: 0.1, momentum: 0.9).state.map(\.name) == [
                "global_step", "learning_rate", "momentum", "moments.weight", "moments.bias",
            ])
        #expect(
            SGD(parameters, learningRate: 0.1, momentum: 0.9).state.map(\.name) == [
                "global_step", "learning_rate", "momentum", "accum.weight", "accum.bias", "stat.weight", "stat.bias",
            ])
    }

    @Test func scheduleSetsTheRateOfEachStep() throws {
        let parameter = Parameter(name: "p", shape: [1], initializer: .zeros)
        let optimizer = SGD([parameter], learningRate: LearningRate { Float($0) })
        let program = program(of: [parameter], optimizer)
        for step in 1...3 {
            optimizer.prepare(step: step)
            _ = try program.outputs(for: [Tensor([1] as [Float], shape: [1])])
            optimizer.finish(step: step)
        }
        #expect(parameter.values == [-6])
        #expect(optimizer.globalStep.tensor.elements(of: Int32.self) == [3])
    }

    @Test func constantRateCanBeSetBetweenSteps() throws {
        let parameter = Parameter(name: "p", shape: [1], initializer: .zeros)
        let optimizer = Momentum([parameter], learningRate: 0.5, momentum: 0)
        let program = program(of: [parameter], optimizer)
        for step in 1...2 {
            optimizer.prepare(step: step)
            _ = try program.outputs(for: [Tensor([1] as [Float], shape: [1])])
            optimizer.setLearningRate(4)
        }
        #expect(parameter.values == [-4.5])
    }

    private func program(of parameters: [Parameter], _ optimizer: Optimizer) -> Program {
        let trace = Trace()
        for (index, parameter) in parameters.enumerated() {
            optimizer.update(index, gradient: trace.input("g\(index)", TensorType(parameter.shape)))
        }
        return Program(trace.finish(outputs: []), on: CPUBackend())
    }

    /// Weight and bias after each step.
    func threeSteps(counting counts: Bool = false, _ make: ([Parameter]) -> Optimizer) throws -> [Float] {
        let parameters = Dense(3, 2).parameters
        fillWithWaves(parameters)
        let optimizer = make(parameters)
        let program = program(of: parameters, optimizer)
        return try (0..<3).flatMap { step in
            if counts { optimizer.prepare(step: step + 1) }
            defer { if counts { optimizer.finish(step: step + 1) } }
            let gradients = zip(parameters, gradients(step)).map { Tensor($1, shape: $0.shape) }
            _ = try program.outputs(for: gradients)
            return parameters.flatMap(\.values)
        }
    }

    /// The same by a formula for one number: parameter, velocity, gradient, and the step from 0.
    func plainSteps(_ update: (inout Double, inout Double, Double, Int) -> Void) -> [Float] {
        let parameters = Dense(3, 2).parameters
        fillWithWaves(parameters)
        var p = parameters.flatMap(\.values).map(Double.init)
        var v = [Double](repeating: 0, count: p.count)
        return (0..<3).flatMap { step in
            for (index, gradient) in gradients(step).flatMap(\.self).enumerated() {
                update(&p[index], &v[index], Double(gradient), step)
            }
            return p.map { Float($0) }
        }
    }

    private func gradients(_ step: Int) -> [[Float]] { [wave(6, 0.3 + Double(step)), wave(2, 0.7 + Double(step))] }
}

struct MomentumCase {
    let nesterov: Bool
    let decay: Double
    var mindSpore: [Float]?
}

struct SGDCase {
    var momentum = 0.0
    var dampening = 0.0
    var decay = 0.0
    var nesterov = false
    var mindSpore: [Float]?
}
