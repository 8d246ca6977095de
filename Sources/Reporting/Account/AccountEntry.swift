import Foundation
package import Records
package import Stopping

/// A line of `account.jsonl`: how a launch stood at a moment. Each says all that was known then, so that the last one of a launch
/// that was killed is enough.
package struct AccountEntry: Codable, Equatable {
    /// What it was written for.
    package enum Kind: String, Codable {
        /// The launch has its directory.
        case begin
        /// It makes steps.
        case steps
        /// All ranks have made their last step before an agreed stop.
        case stopping
        /// A rank has become slow.
        case slow
        /// A rank is slow no more.
        case recovered
        /// The launch is over.
        case end
    }

    package var kind: Kind
    /// The id of the launch, as `status.json` has it.
    package let launch: String
    /// In seconds since 1970, by the clock of rank 0's host.
    package var time: Double
    /// The seconds since the launch began, by a clock that nobody sets back.
    package var elapsed = 0.0
    /// How many ranks it has.
    package let ranks: Int
    /// Where its rank 0 runs.
    package let host: String
    /// The id of the run; nil until it is known.
    package var run: String?
    /// The steps that were made before the launch.
    package var first: Int?
    /// The steps that are made in all.
    package var step: Int?
    /// The most steps that the run was known to have made in any launch.
    package var furthest: Int?
    /// The step of the newest set that this launch has published.
    package var saved: Int?
    package var seconds = AccountSeconds()
    /// How the launch ended.
    package var state: RunStatus.State?
    package var reason: String?
    package var requestingRank: Int?
    package var request: StopRecord?
    package var error: String?
    /// Whom a line about a slow rank is about.
    package var slow: RunStatus.SlowRank?

    package init(launch: String, time: Double, ranks: Int, host: String) {
        kind = .begin
        self.launch = launch
        self.time = time
        self.ranks = ranks
        self.host = host
    }

    /// As a line.
    var line: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        guard let data = try? encoder.encode(self) else { fatalError("an entry is always JSON") }
        return Array(data) + [UInt8(ascii: "\n")]
    }

    /// Reads a line; nil if it is none, as where a kill has cut it off.
    init?(line: some Sequence<UInt8>) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .recordedTime
        guard let entry = try? decoder.decode(AccountEntry.self, from: Data(line)), entry.isSensible else { return nil }
        self = entry
    }

    /// Whether its numbers can be computed with: the file may be anybody's.
    private var isSensible: Bool {
        let steps = [first, step, furthest, saved].compactMap { $0 }
        return (0...2.5e11).contains(time) && (0...1e10).contains(elapsed) && (1...1 << 20).contains(ranks)
            && steps.allSatisfy { (0...1 << 53).contains($0) } && seconds.all.allSatisfy { (0...1e10).contains($0) }
    }
}

/// What a launch has spent its time on so far, in seconds of rank 0. What is missing from all of it is none of these: ends of
/// epochs, and what callbacks do there.
package struct AccountSeconds: Codable, Equatable {
    /// From its beginning to its first step.
    package var starting = 0.0
    /// On steps that the run had not made before, without the waiting.
    package var productive = 0.0
    /// On steps that an earlier launch had made and lost.
    package var repeated = 0.0
    /// In steps, for the slowest rank: what it took more than the median of all.
    package var waiting = 0.0
    /// On saves, as far as the run stood still.
    package var saving = 0.0
    /// On validations and evaluations.
    package var evaluating = 0.0

    package init() {}

    /// All of them.
    static var parts: [WritableKeyPath<Self, Double>] {
        [\.starting, \.productive, \.repeated, \.waiting, \.saving, \.evaluating]
    }

    var all: [Double] { Self.parts.map { self[keyPath: $0] } }

    static func + (a: Self, b: Self) -> Self {
        var sum = a
        for part in parts { sum[keyPath: part] += b[keyPath: part] }
        return sum
    }
}
