import Memory
import Tensors

extension EvaluationOutputs {
    /// The number of classes: the last dimension of the logits.
    var classCount: Int { logits.shape[-1] }

    /// The class with the greatest logit, for each place of [rows, …]; of equal ones the first.
    var answers: [Int] { Self.greatest(of: logits.slice(of: Float.self), classCount) }

    /// The class of each label: its number, or that of the greatest where labels have a number a class.
    var classLabels: [Int] {
        insist(
            classCount > 1, "outputs \(logits.type) have no classes to choose from; the last dimension is 2 at least")
        let places = logits.elementCount / max(classCount, 1)
        if labels.elementType == .float32, labels.elementCount == logits.elementCount {
            return Self.greatest(of: labels.slice(of: Float.self), classCount)
        }
        insist(
            labels.elementType == .int32 && labels.elementCount == places,
            "outputs \(logits.type) need int32 labels, \(places) of them, or float32 labels of their own shape; these are \(labels.type)"
        )
        let numbers = labels.slice(of: Int32.self)
        return numbers.span.indices.map { Int(numbers.span[$0]) }
    }

    private static func greatest(of numbers: Slice<Float>, _ classes: Int) -> [Int] {
        stride(from: 0, to: numbers.count, by: max(classes, 1)).map { start in
            var best = 0
            for index in 0..<classes where numbers.span[start + index] > numbers.span[start + best] { best = index }
            return best
        }
    }
}
