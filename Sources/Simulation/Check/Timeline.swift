/// What happened in a simulated run, in order.
public struct Timeline: Sendable {
    /// Something that happened.
    public struct Entry: Sendable {
        /// When, by the clock of the simulation.
        public let time: Duration
        /// At which turn.
        public let turn: Int
        /// To which rank; nil if to none of them.
        public let rank: Int?
        /// What.
        public let text: String
    }

    /// Whether it is written; nobody reads that of a run in which nothing is wrong.
    public let isWritten: Bool

    /// All that happened.
    public private(set) var entries: [Entry] = []

    /// Makes an empty one.
    public init(isWritten: Bool) {
        self.isWritten = isWritten
    }

    mutating func note(_ text: @autoclosure () -> String, rank: Int? = nil, at time: Duration, turn: Int) {
        guard isWritten else { return }
        entries.append(Entry(time: time, turn: turn, rank: rank, text: text()))
    }

    /// A line for each entry.
    public var text: String {
        entries.map { entry in
            let seconds = (entry.time / .milliseconds(1)).rounded() / 1000
            let rank = entry.rank.map { "rank \($0): " } ?? ""
            return "\(seconds) s, turn \(entry.turn): \(rank)\(entry.text)"
        }.joined(separator: "\n")
    }

    /// As a Chrome trace, one row a rank: for chrome://tracing and Perfetto.
    public var chromeTrace: String {
        let events = entries.map { entry in
            let microseconds = Int(entry.time / .microseconds(1))
            let name = entry.text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ")
            return """
                {"name": "\(name)", "ph": "i", "s": "t", "ts": \(microseconds), "pid": 1, "tid": \(entry.rank ?? -1)}
                """
        }
        return "[\n" + events.joined(separator: ",\n") + "\n]\n"
    }
}
