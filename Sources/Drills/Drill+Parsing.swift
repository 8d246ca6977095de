import Foundation
import Glibc
import Stopping

extension Drill {
    /// Reads drills separated by semicolons: "sigterm@rank3:step17; kill@rank1:save".
    ///
    /// - Throws: ``DrillError``, which names the part that cannot be read and what may stand there.
    public static func parse(_ text: String) throws(DrillError) -> [Drill] {
        var drills: [Drill] = []
        for part in text.split(separator: ";") {
            let drill = part.trimmed
            if !drill.isEmpty { drills.append(try Drill(parsing: drill)) }
        }
        guard !drills.isEmpty else { throw .nothing }
        return drills
    }

    private init(parsing text: String) throws(DrillError) {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
        guard halves.count == 2 else { throw .form(text) }
        let parts = halves[1].split(separator: ":", omittingEmptySubsequences: false).map(\.trimmed)
        guard parts.count >= 2 else { throw .form(text) }
        let action = try Action(parsing: halves[0], in: text)
        let target = try Target(parsing: parts[0], in: text)
        var words = WhenWords()
        for part in parts.dropFirst() { try words.take(part, in: text) }
        let moment = try words.moment(of: action, in: text)
        self.init(action, at: target, moment, for: words.duration)
        try check(text)
    }

    /// Refuses what cannot happen.
    private func check(_ text: String) throws(DrillError) {
        switch action {
        case .diskFull, .inputOutputError:
            guard moment.isFileOperation else { throw .impossible(text, "only save and load use files") }
        case .slow:
            guard duration != nil else { throw .impossible(text, "slow needs a duration, as in slow@rank2:200ms") }
        case .signal, .stall, .error, .stop, .file, .halt: break
        }
        if duration != nil, action != .slow, action != .stall {
            throw .impossible(text, "only slow and stall have a duration")
        }
        guard target == .launcher else { return }
        guard case .signal(let number) = action else {
            throw .impossible(text, "all that a launcher can get is a signal")
        }
        if number == SIGKILL { throw .impossible(text, "a launcher that is killed can ask nobody to stop") }
    }
}

/// What stands after the target: a moment, the number of an operation, a duration.
private struct WhenWords {
    private var moment: Drill.Moment?
    private var operation: Int?
    private(set) var duration: Duration?

    mutating func take(_ word: String, in text: String) throws(DrillError) {
        if let duration = Self.duration(word) {
            self.duration = duration
        } else if let operation = Self.counted("op", word) {
            self.operation = operation
        } else if moment == nil, let moment = Self.moment(word) {
            self.moment = moment
        } else {
            throw .moment(word, in: text)
        }
    }

    func moment(of action: Drill.Action, in text: String) throws(DrillError) -> Drill.Moment {
        // A rank is slow at every step, unless it is told when.
        guard let moment = moment ?? (action == .slow ? .everyStep : nil) else { throw .form(text) }
        guard let operation else { return moment }
        guard case .save(let number, _) = moment else { throw .impossible(text, "only save counts operations") }
        return .save(number, operation: operation)
    }

    private static func moment(_ word: String) -> Drill.Moment? {
        switch word {
        case "startup": return .startup
        case "load": return .load
        case "laststep": return .lastStep
        case "everystep": return .everyStep
        case "stopping": return .stopping
        default: break
        }
        if let step = counted("step", word) { return .step(step) }
        if let epoch = counted("epoch", word, otherwise: 1) { return .epoch(epoch) }
        if let number = counted("eval", word, otherwise: 1) { return .evaluation(number) }
        return counted("save", word, otherwise: 1).map { .save($0) }
    }

    /// "200ms", "3s" or "2min".
    private static func duration(_ word: String) -> Duration? {
        for (unit, milliseconds) in [("ms", 1), ("s", 1000), ("min", 60_000)] where word.hasSuffix(unit) {
            let longest = 1_000_000_000
            if let number = Int(word.dropLast(unit.count)), (1...longest).contains(number) {
                return .milliseconds(number * milliseconds)
            }
        }
        return nil
    }

    /// The number after a name, from 1; `otherwise` if there is none.
    private static func counted(_ name: String, _ word: String, otherwise: Int? = nil) -> Int? {
        guard word.hasPrefix(name) else { return nil }
        guard word.count > name.count else { return otherwise }
        return Int(word.dropFirst(name.count)).flatMap { $0 >= 1 ? $0 : nil }
    }
}

extension Drill.Action {
    /// All that can be done, as it is written.
    static var names: [String] {
        ["kill", "enospc", "eio", "slow", "stall", "throw", "stop", "file", "halt"]
            + SignalName.all.map { $0.lowercased() }
    }

    fileprivate init(parsing word: String, in text: String) throws(DrillError) {
        switch word {
        case "kill": self = .signal(SIGKILL)
        case "enospc": self = .diskFull
        case "eio": self = .inputOutputError
        case "slow": self = .slow
        case "stall": self = .stall
        case "throw": self = .error
        case "stop": self = .stop
        case "file": self = .file
        case "halt": self = .halt
        default:
            guard word.hasPrefix("sig"), let number = SignalName.number(of: word) else {
                throw .action(word, in: text)
            }
            self = .signal(number)
        }
    }
}

extension Drill.Target {
    fileprivate init(parsing word: String, in text: String) throws(DrillError) {
        if word == "launcher" {
            self = .launcher
            return
        }
        guard word.hasPrefix("rank"), let rank = Int(word.dropFirst(4)), rank >= 0 else {
            throw .target(word, in: text)
        }
        self = .rank(rank)
    }
}

extension Substring {
    /// Without spaces at both ends.
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
