/// A plan as one page of HTML that needs nothing from anywhere else.
public struct PlanPage: Sendable {
    private let plan: Plan

    /// A page of a plan.
    public init(_ plan: Plan) {
        self.plan = plan
    }

    /// The page. It is well-formed XML too.
    public var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>Saving plan for \(plan.ranks.grouped) ranks</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <main>
        <h1>Saving plan for \(plan.ranks.grouped) ranks on \(plan.hosts.grouped) hosts</h1>
        \(summary)
        \(cards)
        \(figure("Goodput by the interval between saves", intervalPlot.svg, intervalText))
        \(scalingFigure)
        \(figure("Day \(plan.day.number), simulated", DayChart(day: plan.day).svg + DayChart(day: plan.day).legend, dayText))
        \(table)
        \(assumptions)
        </main>
        </body>
        </html>

        """
    }

    private func figure(_ title: String, _ picture: String, _ text: String) -> String {
        "<section><h2>\(title.escaped)</h2><p>\(text.escaped)</p>\(picture)</section>"
    }

    private var summary: String {
        let text =
            "With \(plan.chosen.name) saves, save every \(plan.intervalSeconds.asTime): "
            + "\(plan.account.goodput.asPercent) of the time is work that stays. "
            + PlanText.grace(plan.chosen.grace, ranks: plan.ranks)
        return "<p class=\"lead\">\(text.escaped)</p>"
    }

    private var cards: String {
        let values = PlanText.shares(of: plan.account).map { name, share in
            "<div><b>\(share.asPercent)</b><span>\(name)</span></div>"
        }
        return "<div class=\"cards\">\(values.joined(separator: "\n"))</div>"
    }

    private var intervalPlot: LinePlot {
        LinePlot(
            title: "Goodput by interval", xName: "work between two saves", yName: "goodput",
            lines: [
                .init(name: plan.chosen.name, style: "one", points: plan.chosen.curve.map { ($0.interval, $0.goodput) })
            ],
            marks: [
                .init(name: "best \(plan.chosen.bestSeconds.asTime)", x: plan.chosen.bestSeconds),
                .init(name: "Young \(plan.chosen.youngSeconds.asTime)", x: plan.chosen.youngSeconds),
                .init(name: "Daly \(plan.chosen.dalySeconds.asTime)", x: plan.chosen.dalySeconds),
            ],
            band: plan.chosen.shortestGoodSeconds...plan.chosen.longestGoodSeconds,
            ticks: [0.1, 1, 10, 60, 600, 3600, 21600, 86400, 604_800, 2_592_000, 31_536_000].map { ($0, $0.asTime) })
    }

    private var intervalText: String {
        PlanText.best(of: plan.chosen) + " That is the shaded part."
    }

    private var scalingFigure: String {
        let styles = ["one", "two", "three", "one local", "two local", "three local", "four"]
        let plot = LinePlot(
            title: "Goodput by ranks", xName: "ranks", yName: "goodput",
            lines: zip(plan.scaling, styles).map { curve, style in
                .init(name: curve.strategy, style: style, points: curve.points.map { (Double($0.ranks), $0.goodput) })
            },
            ticks: [10, 100, 1000, 10_000, 100_000].map { (Double($0), $0.grouped) })
        guard plan.scaling.contains(where: { $0.points.count > 1 }) else {
            return figure("Goodput by ranks", "", "The trace has machines for one number of ranks only.")
        }
        return figure(
            "Goodput by ranks, each with its best interval", plot.svg + plot.legend,
            "Dashed: with copies on the disks of the hosts.")
    }

    private var dayText: String {
        "Each line is an hour. It is the first of \(plan.days.plain) simulated days on which machines are lost, or else the first."
    }

    private var table: String {
        let heads = PlanText.strategyHeads.map { "<th>\($0.escaped)</th>" }.joined()
        let rows = plan.strategies.map { result in
            let cells = PlanText.cells(of: result).map { "<td>\($0.escaped)</td>" }.joined()
            return "<tr\(result.name == plan.chosen.name ? " class=\"chosen\"" : "")>\(cells)</tr>"
        }
        return """
            <section><h2>Strategies</h2>
            <div class="wide"><table><thead><tr>\(heads)</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div></section>
            """
    }

    private var assumptions: String {
        let rows = PlanText.assumptions(of: plan).map { name, value in
            "<tr><td>\(name.escaped)</td><td>\(value.escaped)</td></tr>"
        }
        return """
            <section><h2>What it was worked out from</h2>
            <div class="wide"><table><tbody>\(rows.joined(separator: "\n"))</tbody></table></div></section>
            """
    }
}
