import Tensors
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

@Suite struct ProfileTests {
    private let profile = Profile(stepLimit: 2)

    /// relu(x · w) for x [2, 3] and w [3, 4].
    private func makeProgram() -> Program {
        let trace = Trace()
        let x = trace.input("x", TensorType([2, 3]))
        let w = trace.input("w", TensorType([3, 4]))
        let y = trace.scope("layer") { x.matrixMultiplied(by: w).relu() }
        return Program(trace.finish(outputs: [y]), on: CPUBackend(profile: profile))
    }

    @Test func eachOperationOfEachRunIsRecorded() throws {
        let program = makeProgram()
        profile.begin()
        for _ in 0..<2 { try program.run() }
        #expect(profile.spans.map(\.label.name) == ["matrixMultiply", "relu", "matrixMultiply", "relu"])
        let product = try #require(profile.spans.first?.label)
        #expect(product.detail == "[2, 3] [3, 4] → [2, 4]")
        #expect(product.scope == "layer")
        #expect(product.operationCount == 48)
        #expect(profile.spans[1].label.operationCount == nil)
        for (span, next) in zip(profile.spans, profile.spans.dropFirst()) { #expect(span.end <= next.start) }
    }

    @Test func nothingIsRecordedBeforeTheBeginningAndAfterTheLastStep() throws {
        let program = makeProgram()
        try program.run()
        #expect(profile.spans.isEmpty)
        profile.begin()
        for _ in 0..<5 {
            try program.run()
            profile.endStep()
        }
        #expect(profile.spans.count == 4)
    }

    @Test func convolutionsCountTheProductsOfEachWindow() throws {
        let trace = Trace()
        let x = trace.input("x", TensorType([2, 3, 6, 6]))
        let w = trace.input("w", TensorType([4, 3, 5, 5]))
        let y = x.convolved(with: w, Convolution())
        let gradients = trace.gradients(of: y.square().sum(), withRespectTo: [x, w]).compactMap { $0 }
        let program = Program(trace.finish(outputs: gradients), on: CPUBackend(profile: profile))
        profile.begin()
        try program.run()
        let counts = profile.spans.filter { $0.label.name.hasPrefix("convolution") }.map(\.label.operationCount)
        // 2 samples, 4 channels, 2 × 2 places; 3 × 5 × 5 products and sums at each.
        #expect(counts == [4800, 4800, 4800])
    }

    @Test func summaryCountsTimeOnceWhereItIsSpent() {
        func span(
            _ kind: ProfileLabel.Kind, _ name: String, _ start: Int, _ end: Int, _ count: Double? = nil
        ) -> ProfileSpan {
            ProfileSpan(
                label: ProfileLabel(kind, name, operationCount: count), track: .training,
                start: .milliseconds(start), duration: .milliseconds(end - start))
        }
        let beside = ProfileSpan(
            label: ProfileLabel(.collective, "allReduce"), track: .network, start: .zero, duration: .seconds(9))
        let summary = ProfileSummary([
            span(.operation, "relu", 1, 3), span(.operation, "relu", 3, 4),
            span(.save, "save", 5, 9), span(.callback, "Saver", 5, 10), beside, span(.step, "step 1", 0, 12),
            span(.operation, "product", 12, 20, 16e6), span(.step, "step 2", 12, 20),
        ])
        #expect(summary.steps == 2)
        #expect(summary.total == .milliseconds(20))
        let rows = Dictionary(uniqueKeysWithValues: summary.rows.map { ($0.name, $0) })
        let expected: [String: Duration] = [
            "relu": .milliseconds(3), "save": .milliseconds(4), "Saver": .milliseconds(1), "product": .milliseconds(8),
            "the loop itself": .milliseconds(4),
        ]
        #expect(rows.mapValues(\.duration) == expected)
        #expect(rows["relu"]?.calls == 2)
        #expect(rows["product"]?.operationCount == 16e6)
        #expect(summary.rows.first?.name == "product")
    }
}
