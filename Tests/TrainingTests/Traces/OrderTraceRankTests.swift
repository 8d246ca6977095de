import Collectives
import CollectivesTestKit
import Runs
import Testing
import Training

/// The recorded orders of calls on several ranks.
struct OrderTraceRankTests {
    static let cases = OrderCase.all.filter { orderCase in
        orderCase.json["api"] != .null && orderDifferences[orderCase.name] == nil
            && orderNotExpressible[orderCase.name] == nil
    }

    @Test(arguments: [2, 4]) func everyRankHearsTheRecordedOrder(ranks: Int) throws {
        for orderCase in Self.cases {
            let outcomes = try ThreadWorld.run(ranks: ranks) { orderCase.replay(on: $0) }
            for (rank, outcome) in outcomes.enumerated() {
                #expect(outcome.events == orderCase.events, "\(orderCase.name), rank \(rank)")
                #expect((outcome.error == nil) == (orderCase.raised == nil), "\(orderCase.name), rank \(rank)")
            }
        }
    }

    @Test(arguments: [2, 4]) func aStopAskedForOnOneRankStopsAllAfterTheSameStep(ranks: Int) throws {
        let stops = Self.cases.filter(\.asksForStop)
        #expect(!stops.isEmpty)
        for orderCase in stops {
            for asking in 0..<ranks {
                let outcomes = try ThreadWorld.run(ranks: ranks) {
                    orderCase.replay(on: $0, acts: $0.rank == asking)
                }
                for (rank, outcome) in outcomes.enumerated() {
                    // Before the ranks agree, only the rank that asked knows of the stop.
                    let expected = rank == asking ? orderCase.events : orderCase.events.map(\.withoutMark)
                    let heard = rank == asking ? outcome.events : outcome.events.map(\.withoutMark)
                    #expect(heard == expected, "\(orderCase.name), rank \(rank) of \(ranks), asked for by \(asking)")
                    #expect(outcome.error == nil)
                }
            }
        }
    }

    @Test(arguments: [2, 4]) func anErrorOnOneRankIsThrownOnAll(ranks: Int) throws {
        let raises = Self.cases.filter { $0.raised != nil }
        #expect(!raises.isEmpty)
        for orderCase in raises {
            for failing in 0..<ranks {
                let outcomes = try ThreadWorld.run(ranks: ranks) {
                    orderCase.replay(on: $0, acts: $0.rank == failing)
                }
                for (rank, outcome) in outcomes.enumerated() {
                    #expect(
                        outcome.error as? RankFailure == RankFailure(rank: failing, reason: "boom"),
                        "\(orderCase.name), rank \(rank) of \(ranks): \(String(describing: outcome.error))")
                }
                #expect(outcomes[failing].events == orderCase.events, "\(orderCase.name), rank \(failing)")
            }
        }
    }

    @Test func ofSeveralRanksThatFailTheLowestIsNamed() throws {
        let orderCase = OrderCase.named("train/raise in A.on_train_step_end call#1")
        let outcomes = try ThreadWorld.run(ranks: 4) { orderCase.replay(on: $0, acts: $0.rank >= 2) }
        for outcome in outcomes {
            #expect(outcome.error as? RankFailure == RankFailure(rank: 2, reason: "boom"))
        }
    }
}

extension String {
    fileprivate var withoutMark: String { hasSuffix(" !") ? String(dropLast(2)) : self }
}
