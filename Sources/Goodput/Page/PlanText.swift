/// What a plan says, in words and cells, for a terminal and for a page.
package enum PlanText {
    /// Where the time goes, from what is wanted to what is not.
    package static func shares(of account: TimeAccount) -> [(name: String, share: Double)] {
        let total = max(account.total, .leastNormalMagnitude)
        return [
            (DayPhase.working.text, account.useful / total), (DayPhase.lost.text, account.lost / total),
            (DayPhase.saving.text, account.saving / total), (DayPhase.restarting.text, account.restarting / total),
            (DayPhase.waiting.text, account.waiting / total),
        ]
    }

    /// Whether a stop is over in time, and with how many ranks it is.
    package static func grace(_ grace: GraceCheck, ranks: Int) -> String {
        let fits = grace.suffices ? "fits" : "does not fit"
        return "A stop \(fits) into the notice of \(grace.noticeSeconds.asTime): it takes up to "
            + "\(grace.neededSeconds.asTime) with \(ranks.grouped) ranks. \(limits(of: grace))"
    }

    /// The best interval, and how little it matters.
    package static func best(of result: StrategyResult) -> String {
        let range = "from \(result.shortestGoodSeconds.asTime) to \(result.longestGoodSeconds.asTime)"
        guard let longest = result.curve.last?.interval, result.bestSeconds < 0.9 * longest else {
            return "The longer the interval the better, as far as was tried, since stops save what would be lost; "
                + "\(range) it hardly matters (1 %)."
        }
        return "The best interval found is \(result.bestSeconds.asTime); \(range) it hardly matters (1 %)."
    }

    private static func limits(of grace: GraceCheck) -> String {
        guard let from = grace.sufficesFrom else { return "It fits with no number of ranks." }
        let first = from <= grace.ranksPerHost ? "" : "It does not fit with fewer than \(from.grouped) ranks. "
        guard let end = grace.tooShortFrom else { return first + "It fits with up to 100,000 ranks." }
        return first + "From \(end.grouped) ranks on it does not fit."
    }

    /// The heads of the table of strategies.
    package static let strategyHeads = [
        "strategy", "a save stalls", "best interval", "within 1 %", "goodput", "lost", "saving",
        "stop takes",
    ]

    /// The cells of a strategy.
    package static func cells(of result: StrategyResult) -> [String] {
        let total = max(result.account.total, .leastNormalMagnitude)
        return [
            result.name, result.saves.stallSeconds.asTime, result.bestSeconds.asTime,
            "\(result.shortestGoodSeconds.asTime) to \(result.longestGoodSeconds.asTime)", result.goodput.asPercent,
            (result.account.lost / total).asPercent, (result.account.saving / total).asPercent,
            result.grace.neededSeconds.asTime + (result.grace.suffices ? "" : ", too long"),
        ]
    }

    /// What a plan was worked out from.
    package static func assumptions(of plan: Plan) -> [(String, String)] {
        let costs = plan.costs
        return [
            ("a step", costs.stepSeconds.asTime),
            ("the state of all ranks", costs.state.bytes(ranks: plan.ranks).asBytes),
            ("shared storage", "\(costs.sharedBandwidth.asBytes)/s"),
            ("network of a host", "\(costs.hostBandwidth.asBytes)/s"),
            ("local disk", "\(costs.localBandwidth.asBytes)/s"),
            ("memory of a host", "\(costs.copyBandwidth.asBytes)/s"),
            ("a save beside its bytes", costs.saveOverheadSeconds.asTime),
            ("from a failure to the next step", plan.chosen.saves.restartSeconds.asTime),
            ("notice", costs.noticeSeconds.asTime), ("mean time between losses of the job", plan.mtbfSeconds.asTime),
            ("seed", "\(plan.seed)"),
        ]
    }
}
