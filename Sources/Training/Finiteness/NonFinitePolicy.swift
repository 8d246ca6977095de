/// What a run does once its loss, its gradients or its weights are NaN or infinite.
///
/// MindSpore leaves this to `LossMonitor`, MindFormers to `check_for_nan_in_loss_and_grad`, which is off by default.
public enum NonFinitePolicy: String, Sendable, CaseIterable {
    /// All ranks end the run with a ``NonFiniteError``, and nothing is saved any more.
    case fail

    /// It is said, and the run goes on. What it saves then takes no place of a set from before.
    case warn
}

/// A run whose numbers are none any more. All ranks throw it together.
public struct NonFiniteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was found, such as "the loss is nan after step 45".
    public let finding: String

    /// Describes what was found.
    public init(finding: String) {
        self.finding = finding
    }

    /// One sentence.
    public var description: String { "\(finding); the run ends, and the checkpoints from before stay as they are" }
}
