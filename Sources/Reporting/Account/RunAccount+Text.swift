import Files
import Foundation
import Goodput
import Records

extension RunAccount {
    /// For people, in lines.
    package var lines: [String] {
        let name = run.map { "run \($0)" } ?? "a run that has made no step"
        let count = launches.count == 1 ? "1 launch" : "\(launches.count) launches"
        let from = launches.first.map { ", from \($0.began.formatted(.iso8601))" } ?? ""
        var lines = ["\(name), \(count)\(from): goodput \(goodput.asPercent) of \(total.asTime)"]
        lines += parts.filter { $0.seconds > 0 }.map { part in
            let label = part.label.padding(toLength: 12, withPad: " ", startingAt: 0)
            return "  \(label) \(share(part.seconds))  \(part.seconds.asTime)  \(part.explanation)"
        }
        for (index, launch) in launches.enumerated() { lines += text(of: launch, number: index + 1) }
        lines += stragglers.map(text)
        return lines + notes
    }

    private var parts: [(label: String, seconds: Double, explanation: String)] {
        [
            ("productive", seconds.productive, "steps that were not made before"),
            ("repeated", seconds.repeated, "steps made again after a loss"),
            ("waiting", seconds.waiting, "in steps, for the slowest rank"),
            ("saving", seconds.saving, "while the run stood still"),
            ("evaluating", seconds.evaluating, "validations and evaluations"),
            ("starting", seconds.starting, "from the beginning of a launch to its first step"),
            ("restarting", restarting, "after a failure, to the next launch"),
            ("idle", idle, "after a stop or the end, to the next launch"),
            ("other", other, "callbacks, ends of epochs, leaving"),
        ]
    }

    private func share(_ part: Double) -> String {
        let text = (total > 0 ? part / total : 0).asPercent
        return String(repeating: " ", count: max(8 - text.count, 0)) + text
    }

    private func text(of launch: Launch, number: Int) -> [String] {
        var steps = "no step"
        if let first = launch.first, let step = launch.step, step > first {
            steps = "steps \((first + 1).grouped) to \(step.grouped)"
        }
        let head =
            "launch \(number), \(launch.ranks) ranks, \(launch.began.formatted(.iso8601)): \(steps) in "
            + "\(launch.elapsed.asTime); \(end(of: launch))"
        guard let cost = launch.cost else { return [head] }
        let lost = cost.lostSteps == 0 ? "no step lost" : "\(cost.lostSteps.grouped) steps lost"
        return [
            head,
            "  that cost \(cost.total.asTime): \(cost.stopping.asTime) to stop, \(cost.away.asTime) away, "
                + "\(cost.starting.asTime) to start, \(cost.repeating.asTime) to make steps again (\(lost))",
        ]
    }

    private func end(of launch: Launch) -> String {
        let asked = launch.reason.map { reason in
            let explanation = launch.request?.explanation.map { " (\($0.visible))" } ?? ""
            let requester = launch.request?.requester.map { " from \($0.visible)" } ?? ""
            return "\(reason.visible)\(explanation)\(requester) asked rank \(launch.requestingRank ?? 0)"
        }
        let sign = launch.lastSign.formatted(.iso8601)
        switch launch.ending {
        case .running: return "it goes on, and was last heard of at \(sign)"
        case .finished: return "finished"
        case .stopped: return "stopped: \(asked ?? "nobody says why")"
        case .failed: return "failed: \((launch.error ?? "nobody says why").visible)"
        case .unknown: return "it goes on or was killed, which cannot be told from here; last heard of at \(sign)"
        case .killed:
            return "killed or lost, for it left no word; last heard of at \(sign)"
                + (asked.map { ", after \($0)" } ?? "")
        }
    }

    private func text(of straggler: Straggler) -> String {
        let number = launches.firstIndex { $0.launch == straggler.launch }.map { ", launch \($0 + 1)" } ?? ""
        let end = straggler.until.map { "to \($0.formatted(.iso8601))" } ?? "and no end of it was seen"
        return
            "slow: rank \(straggler.rank) on \(straggler.host.visible), \(straggler.factor.asFactor) times the median from "
            + "\(straggler.from.formatted(.iso8601)) \(end)\(number)"
    }

    private var notes: [String] {
        var notes: [String] = []
        if otherLaunches > 0 { notes.append("note: \(otherLaunches) launches of other runs are left out") }
        if unreadable > 0 { notes.append("note: \(unreadable) lines cannot be read, and are left out") }
        if isTorn { notes.append("note: a kill has cut off the last line, which is left out") }
        return notes
    }

    /// For programs.
    package var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            return String(decoding: try encoder.encode(Report(account: self)), as: UTF8.self)
        }
    }
}

/// What `--json` prints: the account, and the goodput that follows from it.
private struct Report: Encodable {
    let account: RunAccount

    private enum Key: String, CodingKey { case goodput }

    func encode(to encoder: any Encoder) throws {
        try account.encode(to: encoder)
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(account.goodput, forKey: .goodput)
    }
}
