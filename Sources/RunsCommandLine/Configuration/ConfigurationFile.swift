import Lockstep
import SystemPackage
import Yams

/// A configuration file: keys with values, at its top level or in groups.
///
/// Every value is the text that stands in the file: 0.10 is no 0.1, and 007 no 7. What a text means is for the option to say.
struct ConfigurationFile {
    /// A key with its value.
    struct Entry {
        let group: String?
        let key: String
        let line: Int
        let value: Value
    }

    /// What stands behind a key.
    enum Value {
        case one(Text)
        case list([Text])
    }

    /// A text, and whether it stands there without quotes.
    struct Text {
        let text: String
        let isPlain: Bool

        /// Whether it is YAML's way to say nothing.
        var isNothing: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
    }

    /// What messages call it.
    let name: String

    let entries: [Entry]

    /// The most bytes that it may have: more than anybody writes by hand.
    static let byteLimit = 1 << 20

    /// Reads a file, believing nothing. The name is for messages.
    init(name: String, _ bytes: [UInt8]) throws(ConfigurationError) {
        self.name = name
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(name, "it is no text in UTF-8, so it is no configuration file")
        }
        try Self.refuseManyAliases(text, name)
        do {
            // The encoding is named, for otherwise an environment variable chooses it.
            let parser = try Parser(yaml: text, encoding: .utf8)
            let root = try parser.singleRoot()
            // The parser holds the anchors of the nodes.
            entries = try withExtendedLifetime(parser) { try root.map { try Self.entries(of: $0, name) } ?? [] }
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(name, error)
        }
    }

    /// Aliases are refused below, by line. But Yams compares keys before that, and aliases of aliases in keys would take it for
    /// ever: so many are not even tried. A few unfold to a few thousand nodes at most.
    private static func refuseManyAliases(_ text: String, _ name: String) throws(ConfigurationError) {
        let marks = text.matches(of: /(?:^|[\s\[\]{},:?\-"'])\*[^\s*]/).count
        guard marks > 20 else { return }
        throw ConfigurationError(
            name,
            "\(marks) words in it begin with '*', as YAML's aliases do; it must have no aliases, and 20 such words at most"
        )
    }

    private static func entries(of root: Yams.Node, _ name: String) throws(ConfigurationError) -> [Entry] {
        if case .scalar(let scalar) = root, Text(scalar).isNothing { return [] }
        guard case .mapping(let mapping) = root else {
            throw ConfigurationError(
                name, line: root.line, "it must hold options by their names, as in 'epochs: 20', and begins otherwise")
        }
        try refuseAnchor(root, name)
        var entries: [Entry] = []
        for (key, value) in mapping {
            let keyText = try text(ofKey: key, name)
            guard case .mapping(let group) = value else {
                entries.append(Entry(group: nil, key: keyText, line: key.line, value: try self.value(value, name)))
                continue
            }
            try refuseAnchor(value, name)
            for (inner, value) in group {
                let innerText = try text(ofKey: inner, name)
                if case .mapping = value {
                    throw ConfigurationError(
                        name, line: inner.line,
                        "'\(keyText).\(innerText)' is a group in a group; an option has a value or a list of values")
                }
                entries.append(
                    Entry(group: keyText, key: innerText, line: inner.line, value: try self.value(value, name)))
            }
        }
        return entries
    }

    private static func text(ofKey key: Yams.Node, _ name: String) throws(ConfigurationError) -> String {
        try refuseAnchor(key, name)
        guard case .scalar(let scalar) = key else {
            throw ConfigurationError(name, line: key.line, "a key is no text but a list or a group")
        }
        return scalar.string
    }

    private static func value(_ node: Yams.Node, _ name: String) throws(ConfigurationError) -> Value {
        try refuseAnchor(node, name)
        switch node {
        case .scalar(let scalar): return .one(Text(scalar))
        case .sequence(let sequence):
            var texts: [Text] = []
            for element in sequence {
                try refuseAnchor(element, name)
                guard case .scalar(let scalar) = element else {
                    throw ConfigurationError(
                        name, line: element.line, "a list holds another list or a group; it may hold values alone")
                }
                texts.append(Text(scalar))
            }
            return .list(texts)
        case .mapping, .alias: throw ConfigurationError(name, line: node.line, "a value is a group or an alias")
        }
    }

    private static func refuseAnchor(_ node: Yams.Node, _ name: String) throws(ConfigurationError) {
        guard let anchor = node.anchor else { return }
        throw ConfigurationError(
            name, line: node.line,
            "'&\(anchor.rawValue)' is an anchor; a configuration file has no anchors and no aliases")
    }
}

extension ConfigurationFile.Text {
    fileprivate init(_ scalar: Yams.Node.Scalar) {
        self.init(text: scalar.string, isPlain: scalar.style == .plain)
    }
}

extension Yams.Node {
    fileprivate var line: Int { mark?.line ?? 1 }
}

extension ConfigurationError {
    /// What Yams says, in one sentence.
    fileprivate init(_ file: String, _ error: any Error) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let whole = [context?.text, problem].compactMap { $0 }.joined(separator: ", ")
            self.init(file, line: mark.line, "it is no YAML that can be read: \(whole), at column \(mark.column)")
        case .reader(let problem, let offset, _, let yaml):
            let line = offset.map { yaml.prefix($0).count(where: \.isNewline) + 1 }
            self.init(file, line: line, "it is no YAML that can be read: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            self.init(file, line: context.mark.line, "'\(keys.first ?? "")' is given twice")
        default: self.init(file, "it is no YAML that can be read: \(error)")
        }
    }
}
