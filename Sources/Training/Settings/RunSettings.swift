/// The settings of a run that change what it computes, found when they are first needed.
package final class RunSettings {
    private let find: () throws -> [String: String]

    /// What the program made the model with.
    package let options: [String: [String]]

    /// By name; nil until they are found.
    package private(set) var values: [String: String]?

    init(options: [String: [String]] = [:], _ find: @escaping () throws -> [String: String] = { [:] }) {
        self.options = options
        self.find = find
    }

    /// Finds them, once.
    package func prepare() throws {
        if values == nil { values = try find() }
    }

    /// How those of a saved run differ. What one of the two does not know cannot be compared.
    package func changes(since saved: [String: String]) -> [SettingChange] {
        saved.sorted { $0.key < $1.key }.compactMap { key, saved in
            guard let now = values?[key], now != saved else { return nil }
            return SettingChange(name: Self.name(of: key), saved: saved, now: now)
        }
    }

    /// What can be named as allowed to change since a run with the settings `saved`.
    package func names(with saved: [String: String]) -> Set<String> {
        let all = [SettingName.batchSize, SettingName.seed, SettingName.data] + (values ?? [:]).keys + saved.keys
        return Set(all.map(Self.name))
    }

    /// What stands before a "/" is the name; behind it, for whom the value counts.
    private static func name(of key: String) -> String { String(key.prefix { $0 != "/" }) }
}

/// A setting that is not what it was when a set was saved.
public struct SettingChange: Hashable, Sendable, CustomStringConvertible {
    /// What is set, such as "learning-rate".
    public let name: String

    /// What it was.
    public let saved: String

    /// What it is.
    public let now: String

    /// As in "learning-rate is 0.1 and was 0.03".
    public var description: String { "\(name) is \(now) and was \(saved)" }

    /// What to tell whoever did not mean to change it by what was changed; nil where it is what it says.
    package var warning: String? {
        guard name == SettingName.batchNorm else { return nil }
        return "\(self), since there are other ranks or parts of a step: results depend on that, unless layers are "
            + "SyncBatchNorm (--sync-batch-norm)"
    }
}
