import Lockstep

/// A loss of your own: the mean of max(0, margin − answer · side), where a side is −1 or 1.
final class HingeLoss: Loss {
    let margin: Float

    init(margin: Float) { self.margin = margin }

    /// What a run that carries on must have alike.
    var settings: [String: String] { ["loss": "HingeLoss (margin \(margin))"] }

    func construct(_ answers: Symbol, _ sides: Symbol) -> Symbol {
        insistOnOneShape(answers, sides)
        return (-(answers * sides) + margin).relu().mean()
    }
}

/// A metric of your own: the share of answers on the right side of 0. Its sums are added up over batches and ranks.
final class RightSide: MeanMetric {
    var totals: [Double] = [0, 0]

    func update(_ outputs: EvaluationOutputs) {
        let answers = outputs.logits.elements(of: Float.self)
        let sides = outputs.labels.elements(of: Float.self)
        totals[0] += Double(zip(answers, sides).filter { $0 * $1 > 0 }.count)
        totals[1] += Double(answers.count)
    }
}
