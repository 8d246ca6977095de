import Memory
import Tensors

/// A setting as a text that tells it from others and is the same in every process, for graphs are compared by such texts: between
/// ranks, and between a run and the one that carries it on.
///
/// It is Swift's own, but for what that shows in any order, as the elements of a set, not at all, as those of a tensor, or by an
/// address, as a private type.
func settingText(_ value: Any) -> String {
    if let tensor = value as? Tensor { return "\(tensor.type) \(String(tensor.contentHash, radix: 16))" }
    let mirror = Mirror(reflecting: value)
    guard needsCare(value, mirror) else { return withoutAddresses(String(reflecting: value)) }
    let parts = mirror.children.map { part in
        let text = settingText(part.value)
        return part.label.map { $0.hasPrefix(".") ? text : "\($0): \(text)" } ?? text
    }
    switch mirror.displayStyle {
    case .set: return "[\(parts.sorted().joined(separator: ", "))]"
    case .dictionary: return "[\(mirror.children.map { pairText($0.value) }.sorted().joined(separator: ", "))]"
    case .collection: return "[\(parts.joined(separator: ", "))]"
    case .tuple: return "(\(parts.joined(separator: ", ")))"
    case .optional: return "Optional(\(mirror.children.map { settingText($0.value) }.joined()))"
    default: return "\(withoutAddresses(String(reflecting: type(of: value))))(\(parts.joined(separator: ", ")))"
    }
}

/// A text without the places in memory by which Swift tells private types apart: "Module.(unknown context at $10c).Name".
private func withoutAddresses(_ text: String) -> String {
    text.contains("(unknown context at ") ? text.replacing(/\(unknown context at \$[0-9a-f]+\)\./, with: "") : text
}

/// A key and its value.
private func pairText(_ pair: Any) -> String {
    Mirror(reflecting: pair).children.map { settingText($0.value) }.joined(separator: ": ")
}

/// Whether there is a tensor, a set or a dictionary in it. Classes, and what describes itself, are taken by their word.
private func needsCare(_ value: Any, _ mirror: Mirror) -> Bool {
    if value is Tensor { return true }
    switch mirror.displayStyle {
    case .set, .dictionary: return true
    case .collection, .optional, .tuple: break
    case .struct, .enum:
        if value is any CustomStringConvertible || value is any CustomDebugStringConvertible { return false }
    default: return false
    }
    return mirror.children.contains { needsCare($0.value, Mirror(reflecting: $0.value)) }
}

extension Tensor {
    /// FNV-1a over the bytes.
    var contentHash: UInt64 {
        let bytes = bytes.span
        return bytes.indices.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64(bytes[$1])) &* 0x0000_0100_0000_01B3 }
    }
}
