import ArgumentParser

/// The option that names a configuration file. Commands that declare it show it on their help page; it is read before the
/// parser sees the words, so every command of all ranks has it.
enum ConfigurationOption {
    static let name = "config"

    static let help = ArgumentHelp(
        "A YAML file with options, as the command config prints them; those on the command line win.",
        valueName: "file")

    /// Takes it out of the words of a command. What lacks a value stays, for the parser to complain of.
    static func take(from words: inout [String], of table: OptionTable) throws -> String? {
        // A command may have an option of this name that is something else.
        if let declared = table[name], declared.abstract != help.abstract { return nil }
        let table = table[name] == nil ? OptionTable.configuration : table
        let found = table.given(in: words).filter { $0.given.option.name == name && !$0.given.values.isEmpty }
        guard found.count <= 1 else {
            throw ValidationError("--config is given \(found.count) times; a run has one file")
        }
        guard let only = found.first, let path = only.given.values.first else { return nil }
        guard !path.isEmpty else { throw ValidationError("--config is empty; it must be a path") }
        words.removeSubrange(only.range)
        return path
    }
}

/// The option alone, for commands that do not declare it.
private struct ConfigurationArguments: ParsableArguments {
    @Option(help: ConfigurationOption.help) var config: String?
}

extension OptionTable {
    fileprivate static var configuration: OptionTable { OptionTable(.describing(ConfigurationArguments.self)) }
}
