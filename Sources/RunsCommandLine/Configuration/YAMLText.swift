/// Values as YAML: a scalar that is read back as the same text, whatever is in it.
enum YAMLText {
    /// A value, in quotes if it needs them.
    static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// Several values in one line.
    static func list(_ texts: [String]) -> String { "[\(texts.map(scalar).joined(separator: ", "))]" }

    /// Whether a text stands for itself without quotes, in a list too.
    private static func isPlain(_ text: String) -> Bool {
        guard !["", "~", "null", "Null", "NULL", ".", "-"].contains(text), text.last != ":" else { return false }
        return text.wholeMatch(of: /(?:-?[A-Za-z0-9.]|[\/_+])[A-Za-z0-9_.\/+:@%=-]*/) != nil
            && !text.hasPrefix("...")
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map(escaped).joined() + "\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\t": return "\\t"
        // In a comment or a string a star may look like an alias.
        case "*": return "\\x2A"
        case " ": return " "
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .spaceSeparator, .surrogate,
            .unassigned:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        default: return String(Character(scalar))
        }
    }
}
