import Graphs
import LayerOperations
import Memory

extension Optimizer {
    /// The weight decay of a parameter: none for scales and shifts of norms, which MindSpore tells by their names.
    func decay(_ weightDecay: Float, of index: Int) -> Float {
        let name = trained[index].name
        return name.contains("beta") || name.contains("gamma") ? 0 : weightDecay
    }

    /// Writes a step of a parameter and its state into a graph.
    func take(_ rule: StepUpdate, of index: Int, _ state: [Parameter], gradient: Symbol, scale: Symbol?) {
        let (trace, gradient) = (gradient.trace, scale.map { gradient.scaled(by: $0) } ?? gradient)
        trace.apply(
            rule,
            to: ([targets[index]] + state).map(trace.symbol) + [
                gradient, trace.symbol(for: learningRate), trace.symbol(for: globalStep),
            ])
    }

    /// Ends the program for a parameter of which this rank has a part.
    func refuseParts() {
        for parameter in trained where parameter.sharding != nil {
            misuse(
                "\(type(of: self)) measures whole parameters, and \(parameter.name) is divided among ranks; take AdamW, or no tp"
            )
        }
    }
}

extension AdamWSettings {
    /// The numbers of an optimizer with two moments; ends the program for those with which it cannot work.
    static func checked(_ beta1: Float, _ beta2: Float, _ epsilon: Float, _ weightDecay: Float) -> AdamWSettings {
        insistOnShares(["beta1": beta1, "beta2": beta2])
        insistOnNumbers(["weightDecay": weightDecay])
        insist(epsilon > 0 && epsilon.isFinite, "epsilon is a finite number above 0, not \(epsilon)")
        return AdamWSettings(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    }

    /// Each, by the name that it has among the settings of a run.
    var byName: [String: String] {
        [
            "beta1": "\(beta1)", "beta2": "\(beta2)", "epsilon": "\(epsilon)", "weight-decay": "\(weightDecay)",
        ]
    }
}

/// Ends the program for what an optimizer cannot take as a share that is kept.
func insistOnShares(_ values: KeyValuePairs<String, Float>) {
    for (name, value) in values { insist((0..<1).contains(value), "\(name) is from 0 to below 1, not \(value)") }
}

/// Ends the program for what an optimizer or a schedule cannot take as a number, which MindSpore refuses too.
func insistOnNumbers(_ values: KeyValuePairs<String, Float>) {
    for (name, value) in values {
        insist(value >= 0 && value.isFinite, "\(name) is a finite number from 0 on, not \(value)")
    }
}
