import ArgumentParser
import Checkpoints
import SystemPackage
import Tensors
import Terminal

/// `ckpt diff`: how two checkpoints differ.
struct DiffCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two checkpoints tensor by tensor.",
        discussion: """
            The formats may differ, and so may the order. The key, if there is one, is for whichever is encrypted.

            Exit status: 0 equal, 1 different, 2 cannot tell.

            JSON: an object with "equal" and "entries", each with name, state (equal, different, otherType, onlyInFirst, \
            onlyInSecond), differingElements and maxDifference ("NaN" where a number is compared with none).
            """)

    static let statusOfErrors = CommandStatus.unknown

    @Argument(help: "A checkpoint file, or the manifest of a set.")
    var first: String

    @Argument(help: "Another one.")
    var second: String

    @OptionGroup var key: KeyOptions

    @Flag(help: "Show equal tensors too.")
    var all = false

    @Flag(help: "Print JSON.")
    var json = false

    func execute() throws -> CommandStatus {
        let key = try key.load()
        let one = try Source(Subject(first), key: key, verb: "comparing")
        let other = try Source(Subject(second), key: key, verb: "comparing")
        let comparison = try Comparison(one.reader, other.reader)
        if json {
            try CommandOutput.say(json: comparison)
        } else {
            try CommandOutput.say(comparison.text(showingEqual: all))
        }
        return comparison.equal ? .success : .failure
    }
}

/// What `ckpt diff` says.
private struct Comparison: Encodable {
    enum State: String, Encodable { case equal, different, otherType, onlyInFirst, onlyInSecond }

    struct Entry: Encodable {
        let name: String
        let state: State
        var differingElements: Int?
        var maxDifference: Double?
        /// What differs, in words.
        var remark = ""

        private enum CodingKeys: String, CodingKey { case name, state, differingElements, maxDifference }
    }

    let equal: Bool
    let entries: [Entry]

    init(_ first: any CheckpointReader, _ second: any CheckpointReader) throws {
        var entries: [Entry] = []
        for entry in first.entries { entries.append(try Self.compare(entry, first, second)) }
        for entry in second.entries where first.entry(named: entry.name) == nil {
            entries.append(Entry(name: entry.name, state: .onlyInSecond, remark: entry.kind.text))
        }
        self.entries = entries
        equal = entries.allSatisfy { $0.state == .equal }
    }

    private static func compare(
        _ entry: CheckpointEntry, _ first: any CheckpointReader, _ second: any CheckpointReader
    ) throws -> Entry {
        guard let other = second.entry(named: entry.name) else {
            return Entry(name: entry.name, state: .onlyInFirst, remark: entry.kind.text)
        }
        guard other.kind.isComparable(with: entry.kind) else {
            return Entry(name: entry.name, state: .otherType, remark: "\(entry.kind.text) and \(other.kind.text)")
        }
        guard try !haveSameBytes(entry, first, second, other) else { return Entry(name: entry.name, state: .equal) }
        guard let type = entry.tensorType?.elementType else { return Entry(name: entry.name, state: .different) }
        let difference = try Difference(of: entry, type, first, second)
        return Entry(
            name: entry.name, state: .different, differingElements: difference.elementCount,
            maxDifference: difference.maximum)
    }

    /// Stops at the first difference.
    private static func haveSameBytes(
        _ entry: CheckpointEntry, _ first: any CheckpointReader, _ second: any CheckpointReader,
        _ other: CheckpointEntry
    ) throws -> Bool {
        guard entry.byteCount == other.byteCount else { return false }
        do {
            try first.forEachPair(of: entry, with: second) { one, other in
                if !one.hasSameBytes(as: other) { throw Unequal() }
            }
            return true
        } catch is Unequal {
            return false
        }
    }

    private struct Unequal: Error {}

    func text(showingEqual: Bool) -> String {
        let shown = entries.filter { showingEqual || $0.state != .equal }
        var table = Table([
            ("NAME", .left), ("STATE", .left), ("ELEMENTS", .right), ("MAX DIFFERENCE", .right), ("", .left),
        ])
        for entry in shown {
            table.add([
                entry.name, entry.state.text, entry.differingElements.map(String.init) ?? "",
                entry.maxDifference.map(HumanText.number) ?? "", entry.remark,
            ])
        }
        let equal = entries.count { $0.state == .equal }
        let summary =
            "\(equal) of \(HumanText.count(entries.count, "entry", "entries")) \(equal == 1 ? "is" : "are") equal"
        return shown.isEmpty ? summary : table.text + "\n" + summary
    }
}

extension Comparison.State {
    fileprivate var text: String {
        switch self {
        case .equal, .different: rawValue
        case .otherType: "of other type"
        case .onlyInFirst: "only in first"
        case .onlyInSecond: "only in second"
        }
    }
}

extension CheckpointEntry.Kind {
    /// As in "Float32[2, 3]" or "text".
    var text: String {
        switch self {
        case .tensor(let type): "\(type)"
        case .text: "text"
        case .foreign(let type): "\(type)"
        case .map(let keys, let values, _): "map of \(keys) to \(values)"
        }
    }

    /// Whether contents of both can be compared: texts of any length can.
    fileprivate func isComparable(with other: Self) -> Bool {
        if case .text = self, case .text = other { return true }
        return self == other
    }
}
