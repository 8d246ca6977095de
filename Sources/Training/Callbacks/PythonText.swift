/// A number as Python prints it, `repr(value)`: the shortest digits that stand for it alone, "0.10000000149011612",
/// with an exponent below 0.0001 and from 1e16 on.
///
/// A `Float` gives what NumPy prints for a float32.
package func pythonText<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ value: Number) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    guard value != 0 else { return value.sign == .minus ? "-0.0" : "0.0" }
    let (digits, exponent) = decimal(value.magnitude)
    let text =
        (-4..<16).contains(exponent) ? plain(digits, exponent: exponent) : scientific(digits, exponent: exponent)
    return (value < 0 ? "-" : "") + text
}

/// A dictionary as Python prints it, `{'loss': 1.25, 'mae': 0.5}`, in the order of the names.
package func pythonText(_ values: [String: Double]) -> String {
    let entries = values.sorted { $0.key < $1.key }.map { "'\($0.key)': \(pythonText($0.value))" }
    return "{\(entries.joined(separator: ", "))}"
}

/// A text as Python's `json.dumps` writes it: in quotes and ASCII only, `"\u6a21_\"a\""`.
package func pythonJSON(_ text: String) -> String {
    let escaped = text.utf16.map { unit in
        switch unit {
        case 0x08: "\\b"
        case 0x09: "\\t"
        case 0x0A: "\\n"
        case 0x0C: "\\f"
        case 0x0D: "\\r"
        case 0x22: "\\\""
        case 0x5C: "\\\\"
        case 0x20..<0x7F: String(UnicodeScalar(UInt8(unit)))
        default: "\\u" + String(String(0x10000 + Int(unit), radix: 16).dropFirst())
        }
    }
    return "\"\(escaped.joined())\""
}

/// The digits d₀d₁d₂… and the exponent e of d₀.d₁d₂… · 10ᵉ. Swift finds the digits; it only places the point otherwise.
private func decimal<Number: LosslessStringConvertible>(_ value: Number) -> (digits: [Character], exponent: Int) {
    let parts = value.description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let all = Array(mantissa.joined())
    let zeros = all.prefix { $0 == "0" }.count
    let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + mantissa[0].count - 1 - zeros
    var digits = Array(all.dropFirst(zeros))
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    return (digits, exponent)
}

private func plain(_ digits: [Character], exponent: Int) -> String {
    guard exponent >= 0 else { return "0." + String(repeating: "0", count: -exponent - 1) + String(digits) }
    let whole = digits.prefix(exponent + 1)
    let padding = String(repeating: "0", count: exponent + 1 - whole.count)
    let fraction = digits.dropFirst(exponent + 1)
    return String(whole) + padding + "." + (fraction.isEmpty ? "0" : String(fraction))
}

private func scientific(_ digits: [Character], exponent: Int) -> String {
    let fraction = digits.count > 1 ? "." + String(digits.dropFirst()) : ""
    let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
    return "\(digits[0])\(fraction)e\(exponent < 0 ? "-" : "+")\(power)"
}
