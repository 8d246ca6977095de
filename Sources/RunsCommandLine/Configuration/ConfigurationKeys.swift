import ArgumentParser

/// The keys that a program's configuration files may have: every option of its training, where the help page has it, and
/// what only another of its commands has in a group of that command's name.
struct ConfigurationKeys {
    /// The command whose options are being read.
    private let command: String

    private let table: OptionTable

    private struct Place {
        let option: OptionInfo
        /// The command whose option it is alone; nil for one of training.
        let command: String?
    }

    private var places: [String: Place] = [:]
    private var groups: Set<String> = []

    /// The name of the command that trains.
    static let training = "train"

    /// Lists the keys.
    ///
    /// - Parameters:
    ///   - command: The command that runs, with its options.
    ///   - commands: All commands of the program.
    init(for command: String, _ table: OptionTable, in commands: [any ParsableCommand.Type]) {
        self.command = command
        self.table = table
        let tables = commands.filter { $0 is any RankCommand.Type }.map { other in
            (other._commandName, other._commandName == command ? table : OptionTable(.describing(other)))
        }
        let training = tables.first { $0.0 == Self.training }?.1
        for option in training?.options ?? [] { add(option, at: option.place, of: nil) }
        for (other, table) in tables where other != Self.training {
            for option in table.options where training?[option.name]?.isSame(as: option) != true {
                add(option, at: "\(other).\(option.name)", of: other)
            }
        }
    }

    private mutating func add(_ option: OptionInfo, at place: String, of command: String?) {
        // A file names no other file, and says nothing of how its reader was started.
        let isOfCommandLine = [ConfigurationOption.name, SimulatedMain.name].contains(option.name)
        guard !isOfCommandLine, places[place] == nil else { return }
        places[place] = Place(option: option, command: command)
        if let dot = place.firstIndex(of: ".") { groups.insert(String(place[..<dot])) }
    }

    /// What the entries of a file give to the command that runs, with the line of each. All are looked at, also those that
    /// are for other commands.
    func options(of file: ConfigurationFile) throws(ConfigurationError) -> [(given: GivenOption, line: Int)] {
        var found: [(given: GivenOption, line: Int)] = []
        for entry in file.entries {
            if entry.group == nil, groups.contains(entry.key), entry.value.isNothing { continue }
            let place = try place(of: entry, in: file)
            let values = try entry.value.values(for: place.option, entry, in: file)
            guard let own = table[place.option.name], own.isSame(as: place.option),
                place.command == nil || place.command == command
            else { continue }
            if let first = found.first(where: { $0.given.option.name == own.name }) {
                throw ConfigurationError(
                    file.name, line: entry.line, "'\(entry.key)' is given in line \(first.line) already")
            }
            found.append((GivenOption(option: own, values: values), entry.line))
        }
        return found
    }

    private func place(
        of entry: ConfigurationFile.Entry, in file: ConfigurationFile
    ) throws(ConfigurationError) -> Place {
        let text = entry.group.map { "\($0).\(entry.key)" } ?? entry.key
        // A dot is how this is looked up, and none is in a key.
        if !entry.key.contains("."), let place = places[text] { return place }
        throw ConfigurationError(file.name, line: entry.line, problem(with: entry, called: text))
    }

    private func problem(with entry: ConfigurationFile.Entry, called text: String) -> String {
        if entry.key == ConfigurationOption.name { return "a configuration file cannot name another by 'config'" }
        if entry.key == "<<" || entry.group == "<<" { return "'<<' merges keys, which a configuration file cannot do" }
        let elsewhere = places.keys.filter { $0 == entry.key || $0.hasSuffix(".\(entry.key)") }.sorted()
        if let right = elsewhere.first {
            let here = entry.group.map { "in the group '\($0)'" } ?? "at the top level"
            return "'\(entry.key)' stands \(Self.words(for: right)), not \(here)"
        }
        if let positive = places.values.first(where: { $0.option.oppositeWords.contains("--\(entry.key)") }) {
            let place = Self.words(for: positive.option.place)
            return "'\(entry.key)' is no key: write '\(positive.option.name): false' \(place)"
        }
        if entry.group == nil, groups.contains(entry.key) {
            return "'\(entry.key)' is a group, which holds options and no value"
        }
        if let group = entry.group, !groups.contains(group) {
            let advice = NearestName(among: groups.sorted()).advice(for: group)
            return "no group is called '\(group)'\(advice)"
        }
        return "no option is called '\(text)'\(NearestName(among: places.keys.sorted() + groups).advice(for: text))"
    }

    private static func words(for place: String) -> String {
        guard let dot = place.firstIndex(of: ".") else { return "at the top level" }
        return "in the group '\(place[..<dot])'"
    }
}

extension ConfigurationFile.Value {
    /// Whether a key has nothing behind it, as a group whose options are all commented out.
    fileprivate var isNothing: Bool {
        guard case .one(let text) = self else { return false }
        return text.isNothing
    }

    /// The texts that the option gets.
    fileprivate func values(
        for option: OptionInfo, _ entry: ConfigurationFile.Entry, in file: ConfigurationFile
    ) throws(ConfigurationError) -> [String] {
        func fail(_ problem: String) -> ConfigurationError {
            ConfigurationError(file.name, line: entry.line, "'\(entry.key)' \(problem)")
        }
        let texts: [ConfigurationFile.Text]
        switch self {
        case .one(let text): texts = [text]
        case .list(let list): texts = list
        }
        if case .list = self, option.isFlag || !option.isRepeating {
            throw fail(
                option.isFlag ? "is a flag: it must be true or false" : "takes one value, and has a list of them")
        }
        guard !texts.contains(where: \.isNothing) else {
            throw fail("has no value; give it one, in quotes if it is a text like null, or leave the line out")
        }
        guard !texts.contains(where: { $0.text.unicodeScalars.contains("\0") }) else {
            throw fail("has a zero byte in its value")
        }
        guard option.isFlag else { return texts.map(\.text) }
        let value = texts[0].text
        guard ["true", "True", "TRUE", "false", "False", "FALSE"].contains(value) else {
            throw fail("is a flag: it must be true or false, not '\(value)'")
        }
        return [value.lowercased()]
    }
}
