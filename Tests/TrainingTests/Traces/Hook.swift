/// A hook under MindSpore's name.
enum Hook: String, CaseIterable, Sendable {
    case trainBegin = "on_train_begin"
    case trainEpochBegin = "on_train_epoch_begin"
    case trainStepBegin = "on_train_step_begin"
    case trainStepEnd = "on_train_step_end"
    case trainEpochEnd = "on_train_epoch_end"
    case trainEnd = "on_train_end"
    case evalBegin = "on_eval_begin"
    case evalEpochBegin = "on_eval_epoch_begin"
    case evalStepBegin = "on_eval_step_begin"
    case evalStepEnd = "on_eval_step_end"
    case evalEpochEnd = "on_eval_epoch_end"
    case evalEnd = "on_eval_end"

    /// How the traces abbreviate it.
    var mark: String {
        switch self {
        case .trainBegin: "TB"
        case .trainEpochBegin: "EB"
        case .trainStepBegin: "SB"
        case .trainStepEnd: "SE"
        case .trainEpochEnd: "EE"
        case .trainEnd: "TE"
        case .evalBegin: "vB"
        case .evalEpochBegin: "vEB"
        case .evalStepBegin: "vSB"
        case .evalStepEnd: "vSE"
        case .evalEpochEnd: "vEE"
        case .evalEnd: "vE"
        }
    }

    /// The old hook that it calls unless it is overridden.
    var oldName: String {
        rawValue.replacing("on_train_", with: "").replacing("on_eval_", with: "")
    }
}
