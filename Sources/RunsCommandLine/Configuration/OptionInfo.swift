/// An option or a flag of a command.
struct OptionInfo {
    /// Its long name without dashes, as in "save-every-steps".
    let name: String

    /// The words that give it on a command line, as in "--layers" or "-l".
    let words: [String]

    /// The words that give the opposite of a flag, as in "--no-save-mindir".
    let oppositeWords: [String]

    /// The group that it has in a configuration file; nil at the top level.
    let group: String?

    let isFlag: Bool

    /// Whether it may be given several times.
    let isRepeating: Bool

    /// Whether it takes all values that follow it.
    let takesSeveralValues: Bool

    /// What it is if nobody gives it; nil if that is nothing, or only the program knows.
    let defaultText: String?

    /// The values that there are, for one that chooses among a few.
    let choices: [String]?

    /// What it is for.
    let abstract: String

    /// Whether it is the same option, though another command has it in another group.
    func isSame(as other: OptionInfo) -> Bool {
        name == other.name && isFlag == other.isFlag && isRepeating == other.isRepeating && abstract == other.abstract
    }

    /// Where it stands in a configuration file, as in "steps.clip".
    var place: String { group.map { "\($0).\(name)" } ?? name }

    /// The words that give it these values, so that the parser takes none of them for something else.
    func words(giving values: [String]) -> [String] {
        guard !isFlag else {
            let wanted = values.last == "true" ? words : oppositeWords
            return wanted.first.map { [$0] } ?? []
        }
        return values.flatMap { value in
            // What is empty cannot be joined, and what begins with a dash must be.
            value.hasPrefix("-") ? ["\(words[0])=\(value)"] : [words[0], value]
        }
    }
}

/// The options of a command.
struct OptionTable {
    private(set) var options: [OptionInfo] = []

    /// Options that the parser brings, and that have no value to keep.
    private static let passingNames: Set = ["help", "help-hidden", "version"]

    init(_ command: CommandInfo) {
        let arguments = (command.arguments ?? []).filter { $0.kind != "positional" }
        var skipsNext = false
        for (index, argument) in arguments.enumerated() {
            guard !skipsNext else {
                skipsNext = false
                continue
            }
            let next = arguments.indices.contains(index + 1) ? arguments[index + 1] : nil
            let opposite = next.flatMap { Self.isOpposite($0, of: argument) ? $0 : nil }
            skipsNext = opposite != nil
            guard let option = OptionInfo(argument, opposite: opposite) else { continue }
            if !Self.passingNames.contains(option.name) { options.append(option) }
        }
        moveAsideOfGroups()
    }

    /// The option of a name.
    subscript(name: String) -> OptionInfo? { options.first { $0.name == name } }

    /// The option that a word on the command line gives, with or without a value behind "=".
    func option(givenBy word: String) -> OptionInfo? {
        let name = word.prefix { $0 != "=" }
        return options.first { $0.words.contains(String(name)) || $0.oppositeWords.contains(String(name)) }
    }

    /// The groups, in the order of the help page.
    var groups: [String] {
        options.reduce(into: []) { groups, option in
            if let group = option.group, !groups.contains(group) { groups.append(group) }
        }
    }

    mutating func remove(_ name: String) { options.removeAll { $0.name == name } }

    /// The parser lists the opposite of a flag behind it.
    private static func isOpposite(_ next: CommandInfo.Argument, of flag: CommandInfo.Argument) -> Bool {
        guard flag.kind == "flag", next.kind == "flag", let name = flag.preferredName?.name,
            let other = next.preferredName?.name
        else { return false }
        return other == "no-\(name)" || (name.hasPrefix("enable-") && other == "disable-\(name.dropFirst(7))")
    }

    /// An option outside of groups that has the name of one: in a file both would be one key.
    private mutating func moveAsideOfGroups() {
        let groups = Set(groups)
        options = options.map { option in
            option.group == nil && groups.contains(option.name) ? option.moved(to: "run") : option
        }
    }
}

extension OptionInfo {
    fileprivate init?(_ argument: CommandInfo.Argument, opposite: CommandInfo.Argument?) {
        let long = argument.names?.first { $0.kind == "long" } ?? argument.preferredName
        guard let long else { return nil }
        name = long.name
        words = [long.word] + (argument.names ?? []).filter { $0 != long }.map(\.word)
        oppositeWords = (opposite?.names ?? []).map(\.word)
        group = argument.sectionTitle.map(Self.key)
        isFlag = argument.kind == "flag"
        isRepeating = argument.isRepeating
        takesSeveralValues = ["upToNextOption", "allRemainingInput"].contains(argument.parsingStrategy)
        choices = argument.allValues
        abstract = argument.abstract ?? ""
        if isFlag {
            // One with an opposite need not have a default.
            let isKnown = opposite == nil || argument.defaultValue != nil
            defaultText = isKnown ? "\(argument.defaultValue.map(words.contains) ?? false)" : nil
        } else {
            defaultText = isRepeating ? nil : argument.defaultValue
        }
    }

    fileprivate func moved(to group: String) -> OptionInfo {
        OptionInfo(
            name: name, words: words, oppositeWords: oppositeWords, group: group, isFlag: isFlag,
            isRepeating: isRepeating, takesSeveralValues: takesSeveralValues, defaultText: defaultText,
            choices: choices, abstract: abstract)
    }

    /// "Watchdog and drills" as a key: "watchdog-and-drills".
    private static func key(ofTitle title: String) -> String {
        title.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    }
}
