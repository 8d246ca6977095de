/// That this machine is about to be taken away.
public struct Notice: Hashable, Sendable {
    /// What was said, such as "terminate"; of a long text the beginning.
    public let words: String

    /// How long there is until then, from when it was heard; nil if that was not said.
    public let left: Duration?

    /// Describes a notice.
    public init(_ words: String, left: Duration? = nil) {
        self.words = String(words.prefix(Self.mostCharacters))
        self.left = left
    }

    /// Reads what a command or a file says in its first line: seconds, words, or both, as in "120 maintenance".
    init(line: some StringProtocol) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        let first = parts.first.map { $0.hasSuffix("s") ? $0.dropLast() : $0 } ?? ""
        guard let seconds = Double(first), (0...Self.longest).contains(seconds) else {
            self.init(String(line))
            return
        }
        self.init(parts.count > 1 ? String(parts[1]) : "", left: .seconds(seconds))
    }

    /// Nobody is told more than a year before.
    static let longest = 366 * 86400.0

    private static let mostCharacters = 200
}
