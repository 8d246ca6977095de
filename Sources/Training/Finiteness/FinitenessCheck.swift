import Graphs
import Logging
import Tensors

/// Looks whether a run still computes with numbers.
///
/// After each step it looks at the loss, and at the norm of the gradients where it is measured: two numbers that are
/// there anyway. A weight can be NaN while the loss is not, since `relu` makes 0 of it, and so can a moving mean that
/// training does not read: so all that a step changes is looked at before each save and at the end of each epoch. What a rank finds, it tells the others with its next mark.
package final class FinitenessCheck {
    package let policy: NonFinitePolicy
    private let isHeard: Bool
    private let logger = Logger(label: "Model")

    /// What this rank found when it last looked; nil if all was well.
    private(set) var finding: String?

    /// What a step changes.
    private var state: [Parameter] = []

    /// Whether a warning was given and all has not been well since.
    private var isTold = false

    /// Makes a check; `isHeard` on the rank that warns for all.
    init(_ policy: NonFinitePolicy, isHeard: Bool) {
        self.policy = policy
        self.isHeard = isHeard
    }

    /// What ends the run, if anything does.
    package var failure: String? { policy == .fail ? finding : nil }

    /// Looks at what came out of a step.
    func look(atStep step: Int, loss: [Tensor], gradientNorm: Float?) {
        if let loss = loss.first, !loss.isFinite {
            note("the loss is \(loss.firstNonFinite) after step \(step)")
        } else if let gradientNorm, !gradientNorm.isFinite {
            note("the norm of the gradients is \(gradientNorm) in step \(step)")
        } else {
            finding = nil
            isTold = false
        }
    }

    /// Says what a step changes; a parameter may be named twice.
    func watch(_ parameters: [Parameter]) {
        var known: Set<ObjectIdentifier> = []
        state = parameters.filter { known.insert(ObjectIdentifier($0)).inserted }
    }

    /// Looks at what a step changes, as it is after step `step`: weights, the state of the optimizer, running statistics.
    func lookAtState(afterStep step: Int) {
        guard finding == nil, let parameter = state.first(where: { !$0.tensor.isFinite }) else { return }
        note("\(parameter.name) has elements that are no finite numbers after step \(step)")
    }

    /// Looks at the loss of a whole evaluation.
    func look(atEvaluationLoss loss: Double?) {
        guard finding == nil, let loss, !loss.isFinite else { return }
        note("the loss of the evaluation is \(loss.isNaN ? "nan" : "\(loss)")")
    }

    /// The run ends for what was found; what all ranks do from now on is no matter of it.
    package func settle() { finding = nil }

    private func note(_ finding: String) {
        self.finding = finding
        guard policy == .warn, isHeard, !isTold else { return }
        isTold = true
        logger.warning("\(finding); the run goes on")
    }
}

extension Tensor {
    /// The first element that is no number, in words.
    fileprivate var firstNonFinite: String {
        guard elementType == .float32 else { return "no finite number" }
        return elements(of: Float.self).first { !$0.isFinite }.map { $0.isNaN ? "nan" : "\($0)" } ?? "finite"
    }
}
