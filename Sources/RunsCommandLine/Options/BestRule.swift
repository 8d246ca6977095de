import ArgumentParser
import Lockstep

/// What the best checkpoint is kept by: a metric, and which of its values are good.
struct BestRule: ExpressibleByArgument {
    let metric: String

    private let order: Retention.Order?

    /// The loss of the last step of training, without a validation.
    static let loss = "loss"

    /// The loss of a validation.
    static let evaluatedLoss = "eval_loss"

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        let orders: [Substring: Retention.Order] = ["highest": .highest, "lowest": .lowest]
        order = parts.count > 1 ? parts.last.flatMap { orders[$0] } : nil
        metric = order == nil ? argument : parts.dropLast().joined(separator: ":")
        guard !metric.isEmpty else { return nil }
    }

    /// Which values are good, if it does not say: high ones of what counts right answers, low ones of everything else.
    func order(in task: TrainingTask) -> Retention.Order {
        if let order { return order }
        if task.metrics[metric] is Accuracy, metric != Self.loss { return .highest }
        let words = metric.lowercased().split { !$0.isLetter && !$0.isNumber }
        return words.contains { Self.wordsOfRightAnswers.contains(String($0)) } ? .highest : .lowest
    }

    private static let wordsOfRightAnswers: Set = [
        "acc", "accuracy", "auc", "bleu", "dice", "f1", "iou", "map", "miou", "ndcg", "precision", "psnr", "r2",
        "recall", "rouge", "sensitivity", "specificity", "ssim", "top1", "top5",
    ]
}
