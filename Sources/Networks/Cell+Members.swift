import Graphs

extension Cell {
    /// The parameters and cells in the stored properties, also in arrays, dictionaries, optionals, structures, tuples and
    /// enumerations there, and in those of superclasses: `layers.0`, `heads.color`, `pair.first`.
    ///
    /// They come in the order of declaration, those of a superclass first and those of a dictionary by their keys. A lazy
    /// property counts once it is made. Objects that are not cells are not looked into.
    public var foundMembers: [(name: String, value: Any)] {
        let ofClasses = sequence(first: Mirror(reflecting: self), next: \.superclassMirror)
        return Array(ofClasses).reversed().flatMap { searchChildren($0.children, of: "") }
    }
}

/// What is found in the value that is called `name`.
private func search(_ value: Any, called name: String) -> [(name: String, value: Any)] {
    if let parameter = value as? Parameter { return [(name, parameter)] }
    if let cell = value as? any Cell { return [(name, cell)] }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional, .enum: return mirror.children.flatMap { search($0.value, called: name) }
    case .struct, .tuple: return searchChildren(mirror.children, of: name)
    case .collection:
        // An array of a million numbers is passed over after a look at the first.
        guard let first = mirror.children.first, holdsValues(first.value) else { return [] }
        return mirror.children.enumerated().flatMap { search($1.value, called: "\(name).\($0)") }
    case .dictionary: return searchPairs(mirror.children, of: name)
    default: return []
    }
}

private func searchChildren(_ children: Mirror.Children, of owner: String) -> [(name: String, value: Any)] {
    children.flatMap { label, value in search(value, called: memberName(label ?? "", of: owner)) }
}

private func searchPairs(_ pairs: Mirror.Children, of owner: String) -> [(name: String, value: Any)] {
    let entries = pairs.compactMap { pair -> (key: String, value: Any)? in
        let parts = Array(Mirror(reflecting: pair.value).children)
        return parts.count == 2 ? ("\(parts[0].value)", parts[1].value) : nil
    }
    return entries.sorted { $0.key < $1.key }.flatMap { search($0.value, called: "\(owner).\($0.key)") }
}

/// Numbers and texts have no display style.
private func holdsValues(_ value: Any) -> Bool {
    value is Parameter || value is any Cell || Mirror(reflecting: value).displayStyle != nil
}

/// The name of a property as it is written: the compiler stores lazy and wrapped properties under other names, and those of a
/// tuple as ".0".
private func memberName(_ label: String, of owner: String) -> String {
    let lazy = "$__lazy_storage_$_"
    if label.hasPrefix(lazy) { return joined(owner, String(label.dropFirst(lazy.count))) }
    if label == "wrappedValue", owner.hasPrefix("_") { return String(owner.dropFirst()) }
    return joined(owner, label.hasPrefix(".") ? String(label.dropFirst()) : label)
}

private func joined(_ owner: String, _ name: String) -> String { owner.isEmpty ? name : "\(owner).\(name)" }
