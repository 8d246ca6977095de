extension String {
    /// The text in one line that a terminal or a log can be shown: what would move a cursor, colour what follows, turn a line
    /// around or hide stands there as its code, as in "\u{1b}". Names, reasons and messages come from files.
    public var visible: String { visible { _ in false } }

    /// The same of several lines, the ends of which stay.
    public var visibleLines: String { visible { $0 == "\n" } }

    /// The same of a document of JSON, which stays one: codes are written as it writes them, as in "\u001b".
    public var visibleJSON: String {
        visible {
            $0 == "\n"
        } code: { scalar in
            String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }
    }

    private func visible(
        except stays: (Unicode.Scalar) -> Bool,
        code: (Unicode.Scalar) -> String = { "\\u{\(String($0.value, radix: 16))}" }
    ) -> String {
        // Most texts have nothing of this, and are as they are.
        guard unicodeScalars.contains(where: { $0.isInvisible && !stays($0) }) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.isInvisible, !stays(scalar) {
                text += code(scalar)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isInvisible: Bool {
        guard !(0x20..<0x7F).contains(value) else { return false }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}

extension [String] {
    /// The first of some sentences, and how many more there are: whoever fills a directory does not fill a log.
    package func abridged(to limit: Int = 8) -> [String] {
        count <= limit ? self : prefix(limit) + ["and \(count - limit) more like these"]
    }
}
