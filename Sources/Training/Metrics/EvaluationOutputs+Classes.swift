import Memory
import Tensors

extension EvaluationOutputs {
    /// The number of classes.
    public var classCount: Int { logits.shape[classAxis] }

    /// The dimension of the logits that the classes lie along: the last one; dimension 1, as in MindSpore, of [N, classes, …]
    /// beside labels [N, …], as of pictures whose every pixel has a class, or beside a number a class of such.
    private var classAxis: Int {
        let dimensions = logits.shape.dimensions
        guard dimensions.count > 2 else { return dimensions.count - 1 }
        if labels.elementType == .float32 { return dimensions.count > 3 ? 1 : dimensions.count - 1 }
        let isFirst = labels.shape.dimensions == [dimensions[0]] + dimensions.dropFirst(2)
        let isLast = labels.shape.dimensions == Array(dimensions.dropLast())
        insist(
            !(isFirst && isLast),
            "the classes of outputs \(logits.type) may lie along dimension 1 or the last beside labels \(labels.type); make the "
                + "outputs a matrix with a row for each label")
        return isFirst ? 1 : dimensions.count - 1
    }

    /// The logits of each place, a row of classes after the other.
    var scores: Slice<Float> { rows(of: logits.slice(of: Float.self)) }

    /// Numbers of the logits' shape with the classes of a place beside each other.
    private func rows(of given: Slice<Float>) -> Slice<Float> {
        let classes = classCount
        guard classAxis == 1, logits.shape.rank > 2 else { return given }
        let inner = logits.shape.dimensions.dropFirst(2).reduce(1, *)
        let rows = Slice<Float>(zeros: given.count)
        var target = rows.mutableSpan
        for place in 0..<given.count / max(classes, 1) {
            let first = place / inner * classes * inner + place % inner
            for number in 0..<classes { target[place * classes + number] = given.span[first + number * inner] }
        }
        return rows
    }

    /// The class with the greatest logit, for each place; of equal ones the first.
    public var answers: [Int] { Self.greatest(of: scores, classCount) }

    /// The places whose labels count, each with its class. Labels below 0 do not count, as those of padding, nor
    /// do those that are `ignored`.
    public func countedLabels(ignoring ignored: Int32? = nil) -> [(place: Int, label: Int)] {
        let counted = classLabels.enumerated().filter { $1 >= 0 && $1 != ignored.map { Int($0) } }
        for (_, label) in counted where label >= classCount {
            misuse("the label \(label) is none of \(classCount) classes, 0 to \(classCount - 1)")
        }
        return counted.map { (place: $0, label: $1) }
    }

    /// The class of each label: its number, or that of the greatest where labels have a number a class.
    private var classLabels: [Int] {
        insist(
            classCount > 1,
            "outputs \(logits.type) have no classes to choose from; the last dimension is 2 at least, or dimension 1 of [N, classes, …] beside labels [N, …]"
        )
        let places = logits.elementCount / classCount
        if labels.elementType == .float32, labels.elementCount == logits.elementCount {
            return Self.greatest(of: rows(of: labels.slice(of: Float.self)), classCount)
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
