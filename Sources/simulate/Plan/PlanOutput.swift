import Foundation
import Goodput
import Terminal

/// A plan on a terminal, and as JSON.
enum PlanOutput {
    static func text(of plan: Plan, notes: [String]) -> String {
        ([head(of: plan, notes), shares(of: plan), strategies(of: plan), advice(of: plan)]).joined(separator: "\n\n")
    }

    static func json(of plan: Plan) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(plan), as: UTF8.self)
    }

    private static func head(of plan: Plan, _ notes: [String]) -> String {
        let assumptions = PlanText.assumptions(of: plan).map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return (notes + ["\(plan.ranks.grouped) ranks on \(plan.hosts.grouped) hosts: \(assumptions)"])
            .joined(separator: "\n")
    }

    /// Where the time goes: over thousands of failures, and in the days that were asked for.
    private static func shares(of plan: Plan) -> String {
        let days = plan.days == plan.days.rounded() ? "\(Int(plan.days))" : "\(plan.days)"
        var table = Table(
            "\(plan.chosen.name), a save every \(plan.intervalSeconds.asTime)", "long run", "\(days) days")
        let long = PlanText.shares(of: plan.account)
        for ((name, share), (_, simulated)) in zip(long, PlanText.shares(of: plan.simulated)) {
            table.add(name, share.asPercent, simulated.asPercent)
        }
        table.add(
            "losses of machines or processes", plan.account.interruptions.grouped, plan.simulated.interruptions.grouped)
        return table.text
    }

    private static func strategies(of plan: Plan) -> String {
        var table = Table(PlanText.strategyHeads.enumerated().map { ($1, $0 == 0 ? .left : .right) })
        for result in plan.strategies { table.add(PlanText.cells(of: result)) }
        return table.text
    }

    private static func advice(of plan: Plan) -> String {
        var lines = [
            PlanText.best(of: plan.chosen),
            "Young's is \(plan.chosen.youngSeconds.asTime), Daly's \(plan.chosen.dalySeconds.asTime).",
        ]
        if let goodput = plan.dalyGoodput {
            lines.append("By Daly's formula, \(goodput.asPercent) of the time is work that stays.")
        }
        lines.append(PlanText.grace(plan.chosen.grace, ranks: plan.ranks))
        return lines.joined(separator: "\n")
    }
}
