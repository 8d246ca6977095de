import Files

extension FieldValue {
    /// The number that a field holds. A text is one in digits: neither "nan" nor hexadecimal.
    func number(_ field: String) throws(FieldProblem) -> Double {
        switch self {
        case .number(let number) where number.isFinite: return number
        case .text(let text):
            let digits = text.trimmed
            guard digits.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }), let number = Double(digits),
                number.isFinite
            else { break }
            return number
        default: break
        }
        throw FieldProblem(words: "has \(words) in '\(field.visible)', where a number must stand")
    }

    /// The whole number that a field holds.
    func integer(_ field: String) throws(FieldProblem) -> Int32 {
        let number = try number(field)
        guard let value = Int32(exactly: number) else {
            throw FieldProblem(
                words:
                    "has \(words) in '\(field.visible)', where a whole number from \(Int32.min) to \(Int32.max) must stand"
            )
        }
        return value
    }

    /// The text that a field holds; a number stands for its digits.
    func text(_ field: String) throws(FieldProblem) -> String {
        switch self {
        case .text(let text): return text
        case .number(let number): return Int(exactly: number).map(String.init) ?? "\(number)"
        default: throw FieldProblem(words: "has \(words) in '\(field.visible)', where a text must stand")
        }
    }

    /// Whether there is nothing in it.
    var isMissing: Bool {
        switch self {
        case .nothing: true
        case .text(let text): text.trimmed.isEmpty
        default: false
        }
    }
}

extension String {
    /// Without spaces and tabs around it.
    fileprivate var trimmed: String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        guard first.map(isSpace) == true || last.map(isSpace) == true else { return self }
        let start = drop(while: isSpace)
        return String(start.prefix(upTo: start.lastIndex { !isSpace($0) }.map(start.index(after:)) ?? start.startIndex))
    }
}
