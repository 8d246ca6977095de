import Networks
import Runs
import Testing
import Training

/// The order of calls that MindSpore was recorded in, `callback_order.json`, replayed in a world of one.
struct OrderTraceTests {
    @Test func everyRecordedOrderIsReplayed() async throws {
        try await replayAll(
            "callback_order.json", OrderCase.file.cases(), deliberateDifferences: orderDifferences,
            notExpressible: orderNotExpressible
        ) { traceCase in
            if let refusal = refusals[traceCase.name] {
                #expect(throws: refusal.error, "\(traceCase.name)") { try refusal.call() }
                return true
            }
            let orderCase = OrderCase.named(traceCase.name)
            guard orderCase.json["api"] != .null else { return false }
            let outcome = orderCase.replay()
            #expect(outcome.events == orderCase.events, "\(traceCase.name)")
            #expect(outcome.error.map { "\($0)" } == traceCase.json["raised"]["message"].string, "\(traceCase.name)")
            #expect((outcome.error == nil) == (orderCase.raised == nil), "\(traceCase.name)")
            if let keys = outcome.returnedKeys {
                #expect(keys == traceCase.json["returned_keys"].array.compactMap(\.string), "\(traceCase.name)")
            }
            return true
        }
    }
}

/// Calls that MindSpore answers with an error, and Lockstep with this one.
private let refusals: [String: (error: ModelError, call: @Sendable () throws -> Void)] = [
    "args/train epoch=0": (.badEpochs(0), { try smallModel().train(0, smallLoader(steps: 1)) }),
    "args/train epoch=-1": (.badEpochs(-1), { try smallModel().train(-1, smallLoader(steps: 1)) }),
    "args/train initial_epoch=-1": (
        .badInitialEpoch(-1, epochs: 2), { try smallModel().train(2, smallLoader(steps: 1), initialEpoch: -1) }
    ),
    "args/train initial_epoch=2 epoch=2": (
        .badInitialEpoch(2, epochs: 2), { try smallModel().train(2, smallLoader(steps: 1), initialEpoch: 2) }
    ),
    "args/fit initial_epoch=2 epoch=2": (
        .badInitialEpoch(2, epochs: 2),
        { try smallModel().fit(2, smallLoader(steps: 1), smallLoader(steps: 1), initialEpoch: 2) }
    ),
    "args/fit without metrics": (
        .noMetrics,
        { try smallModel(hasMetrics: false).fit(1, smallLoader(steps: 1), smallLoader(steps: 1)) }
    ),
    "args/eval without metrics": (
        .noMetrics, { _ = try smallModel(hasMetrics: false).eval(smallLoader(steps: 1)) }
    ),
]
