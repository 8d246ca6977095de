public import Training

/// A text that is given, or worked out from the state of the run whenever it is needed (what MindSpore takes as "a
/// string or a callable").
public enum RunText {
    /// Always the same.
    case fixed(String)

    /// Worked out on rank 0 for all ranks.
    case computed((CallbackParameters) -> String)
}
