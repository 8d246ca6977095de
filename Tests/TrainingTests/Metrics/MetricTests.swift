import Collectives
import CollectivesTestKit
import Datasets
import Foundation
import Memory
import MindSporeTestKit
import SystemPackage
import Tensors
import Testing

@testable import Training

/// Metrics as real MindSpore's, on any number of ranks.
struct MetricTests {
    /// Outputs and labels of some rows.
    private func part(_ outputs: Tensor, _ labels: Tensor, _ rows: Range<Int>) -> EvaluationOutputs {
        let cut = { (tensor: Tensor) in
            let size = tensor.bytes.count / tensor.shape[0]
            return Tensor(
                shape: Shape([rows.count] + tensor.shape.dimensions.dropFirst()), elementType: tensor.elementType,
                bytes: tensor.bytes[rows.lowerBound * size..<rows.upperBound * size])
        }
        return EvaluationOutputs(loss: 0, logits: cut(outputs), labels: cut(labels))
    }

    /// What a metric says of all rows, in batches of so many on each of some ranks.
    private func measured(
        _ make: @escaping @Sendable () -> any Metric, _ outputs: Tensor, _ labels: Tensor, batch: Int, ranks: Int
    ) throws -> [Double] {
        try ThreadWorld.run(ranks: ranks) { world in
            let metric = make()
            let count = outputs.shape[0]
            for start in stride(from: 0, to: count, by: batch * ranks) {
                let first = min(start + batch * world.rank, count)
                let rows = first..<min(first + batch, count)
                if !rows.isEmpty { metric.update(part(outputs, labels, rows)) }
            }
            return try metric.joined(over: world)
        }
    }

    private static let ofClasses: [String: @Sendable () -> any Metric] = [
        "accuracy": { Accuracy() }, "top1": { TopKCategoricalAccuracy(k: 1) },
        "top3": { TopKCategoricalAccuracy(k: 3) },
        "precision mean": { Precision(classes: 5) }, "recall mean": { Recall(classes: 5) },
        "f1 mean": { F1(classes: 5) },
        "perplexity": { Perplexity() }, "perplexity without 2": { Perplexity(ignoreLabel: 2) },
    ]
    private static let ofNumbers: [String: @Sendable () -> any Metric] = ["mae": { MAE() }, "mse": { MSE() }]

    @Test(.enabled(if: hasMindSpore)) func metricsSayWhatMindSporeSays() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-metrics-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try MindSporeScript("metrics.py").run([folder.path(percentEncoded: false)]) == nil)
        let expected = try JSONDecoder().decode(
            [String: [Double]].self, from: Data(contentsOf: folder.appending(path: "expected.json")))
        let tensor = { (name: String) in
            try NumPyArray(contentsOf: FilePath(folder.appending(path: name + ".npy").path(percentEncoded: false)))
                .tensor
        }
        let (logits, labels) = (try tensor("logits"), try tensor("labels"))
        let isNear = { (found: Double, wanted: Double?) in abs(found - (wanted ?? .nan)) < 1e-5 * max(abs(found), 1) }
        for (name, make) in Self.ofClasses {
            let found = try measured(make, logits, labels, batch: 30, ranks: 1)[0]
            #expect(isNear(found, expected[name]?[0]), "\(name): \(found)")
        }
        for (name, make) in Self.ofNumbers {
            let found = try measured(make, tensor("answers"), tensor("targets"), batch: 15, ranks: 1)[0]
            #expect(isNear(found, expected[name]?[0]), "\(name): \(found)")
        }
        let whole = part(logits, labels, 0..<120)
        for (name, metric) in [
            "precision": Precision(classes: 5), "recall": Recall(classes: 5), "f1": F1(classes: 5),
            "fbeta": Fbeta(classes: 5, beta: 2),
        ] {
            metric.update(whole)
            let wanted = try #require(expected[name])
            #expect(zip(metric.perClass, wanted).allSatisfy(isNear) && wanted.count == 5, "\(name)")
        }
        for normalization in ConfusionMatrix.Normalization.allCases {
            let metric = ConfusionMatrix(classes: 5, normalize: normalization)
            metric.update(whole)
            let wanted = try #require(expected["matrix \(normalization.rawValue)"])
            #expect(zip(metric.matrix.joined(), wanted).allSatisfy(isNear) && wanted.count == 25)
        }
    }

    /// The same bits on 1, 2 and 5 ranks, and in other batches.
    @Test func resultsAreTheSameOnAnyNumberOfRanks() throws {
        let random = RandomSource(seed: 3, stream: 1)
        let (logits, targets) = (Tensor(zeros: [77, 5]), Tensor(zeros: [77, 5]))
        logits.fillNormal(deviation: 3, random: random)
        targets.fillNormal(deviation: 1000, random: random, from: 1000)
        let labels = Tensor((0..<77).map { Int32($0 * 7 % 5) }, shape: [77])
        for (metrics, wanted) in [(Self.ofClasses, labels), (Self.ofNumbers, targets)] {
            for (name, make) in metrics {
                let alone = try measured(make, logits, wanted, batch: 77, ranks: 1)
                for (batch, ranks) in [(8, 1), (8, 2), (3, 5), (40, 3)] {
                    let found = try measured(make, logits, wanted, batch: batch, ranks: ranks)
                    #expect(found == Array(repeating: alone[0], count: ranks), "\(name) on \(ranks) ranks")
                }
            }
        }
    }

    @Test func classesMayBeGivenAsNumbersForEach() {
        let logits = Tensor([Float(0), 2, 1, 5, 4, 3], shape: [2, 3])
        let outputs = EvaluationOutputs(
            loss: 0, logits: logits, labels: Tensor([Float(0), 0.9, 0.1, 0.3, 0.3, 0.4], shape: [2, 3]))
        let metric = Accuracy()
        metric.update(outputs)
        #expect(metric.eval() == 0.5)
    }

    @Test func theLabelsOfEveryPlaceCount() {
        // Two samples of three places with two classes.
        let logits = Tensor([Float(1), 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1], shape: [2, 3, 2])
        let outputs = EvaluationOutputs(
            loss: 0, logits: logits, labels: Tensor([Int32(0), 1, 1, 1, 0, -1], shape: [2, 3]))
        let matrix = ConfusionMatrix(classes: 2)
        matrix.update(outputs)
        #expect(matrix.matrix == [[1, 1], [1, 2]])
        #expect(matrix.eval() == 0.6)
        let perplexity = Perplexity()
        perplexity.update(outputs)
        #expect(perplexity.totals.last == 5)
    }

    @Test func whatIsNoNumberIsNotHidden() {
        let outputs = EvaluationOutputs(
            loss: 0, logits: Tensor([Float.nan, 1], shape: [2, 1]), labels: Tensor([Float(0), 1], shape: [2, 1]))
        let (mae, infinite) = (MAE(), MSE())
        mae.update(outputs)
        #expect(mae.eval().isNaN)
        infinite.update(
            EvaluationOutputs(
                loss: 0, logits: Tensor([Float.infinity], shape: [1, 1]), labels: Tensor([Float(0)], shape: [1, 1])))
        #expect(infinite.eval() == .infinity)
        mae.clear()
        #expect(mae.eval() == 0)
    }

    @Test func sumsAreExact() {
        var sum = ExactSum()
        for number in [0x1p200, 1, 0x1p-200, 0x1p200, 0x1.8p-280, 3.75] { sum.add(number) }
        var others = ExactSum()
        others.parts = sum.parts
        #expect(others.value == 0x1p201)
        var small = ExactSum()
        for _ in 0..<10 { small.add(0.1) }
        // Ten times the Double that is nearest to 0.1, rounded once.
        #expect(small.value == 1)
        var joined = ExactSum()
        joined.parts = zip(small.parts, sum.parts).map { $0 + $1 }
        var again = ExactSum()
        for number in [3.75, 0x1p200, 0x1.8p-280, 0x1p200, 0x1p-200, 1] { again.add(number) }
        for _ in 0..<10 { again.add(0.1) }
        #expect(joined.parts == again.parts)
    }
}
