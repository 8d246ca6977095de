/// An option and the values that somebody gave it; of a flag "true" or "false".
struct GivenOption {
    let option: OptionInfo
    let values: [String]

    /// The words that give it.
    var words: [String] { option.words(giving: values) }
}

extension OptionTable {
    /// The options that words of a command line give, with the words of each. What the parser will refuse is passed over.
    func given(in words: [String]) -> [(given: GivenOption, range: Range<Int>)] {
        var found: [(GivenOption, Range<Int>)] = []
        var index = 0
        while index < words.count, words[index] != "--" {
            let word = words[index]
            guard let option = option(givenBy: word) else {
                found += shortFlags(in: word).map { (GivenOption(option: $0, values: ["true"]), index..<index + 1) }
                index += 1
                continue
            }
            let (values, end) = values(of: option, in: words, at: index)
            found.append((GivenOption(option: option, values: values), index..<end))
            index = end
        }
        return found
    }

    /// What each option is given in all, by its name: of one that may be given once, the last.
    func values(in words: [String]) -> [String: [String]] {
        given(in: words).reduce(into: [:]) { values, found in
            let (option, new) = (found.given.option, found.given.values)
            values[option.name] = option.isRepeating ? (values[option.name] ?? []) + new : new.suffix(1)
        }
    }

    /// The same words; what would be taken for an option though it is a negative number is joined to its option.
    func joiningNegativeNumbers(in words: [String]) -> [String] {
        let end = words.firstIndex(of: "--") ?? words.endIndex
        var result: [String] = []
        for (index, word) in words.enumerated() {
            if index < end, Self.isNegativeNumber(word), let before = result.last, index > 0,
                words[index - 1] == before, !before.contains("="), let option = option(givenBy: before),
                !option.isFlag, self.option(givenBy: word) == nil
            {
                result[result.count - 1] = "\(before)=\(word)"
            } else {
                result.append(word)
            }
        }
        return result
    }

    static func isNegativeNumber(_ word: String) -> Bool {
        guard word.hasPrefix("-") else { return false }
        return Double(word) != nil || word.dropFirst().first?.isWholeNumber == true
    }

    private func values(of option: OptionInfo, in words: [String], at index: Int) -> ([String], end: Int) {
        guard !option.isFlag else {
            return (["\(!option.oppositeWords.contains(words[index]))"], index + 1)
        }
        var values: [String] = []
        // An empty value cannot be joined: the parser then takes the next word.
        if let sign = words[index].firstIndex(of: "="), words[index].index(after: sign) != words[index].endIndex {
            values = [String(words[index][words[index].index(after: sign)...])]
            guard option.takesSeveralValues else { return (values, index + 1) }
        }
        var end = index + 1
        while end < words.count, option.takesSeveralValues || values.isEmpty, !Self.isOption(words[end]) {
            values.append(words[end])
            end += 1
        }
        return (values, end)
    }

    private static func isOption(_ word: String) -> Bool { word.hasPrefix("-") && word != "-" }

    /// The flags in a word like "-vx".
    private func shortFlags(in word: String) -> [OptionInfo] {
        guard word.hasPrefix("-"), !word.hasPrefix("--") else { return [] }
        let flags = word.dropFirst().map { option(givenBy: "-\($0)") }
        return flags.contains { $0?.isFlag != true } ? [] : flags.compactMap { $0 }
    }
}
