import Files
import Terminal

/// A few named facts, one a line, for people.
struct Facts {
    private let facts: [(name: String, value: String)]

    init(_ facts: [(name: String, value: String)]) {
        self.facts = facts
    }

    /// The lines; the values stand below each other.
    var text: String {
        let width = facts.map(\.name.count).max() ?? 0
        return facts.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value.visible
        }.joined(separator: "\n")
    }
}
