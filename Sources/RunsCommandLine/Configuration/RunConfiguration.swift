import Lockstep
import SystemPackage

/// The options of a training as they are in the end: of the command line, else of the file, else of the program.
struct RunConfiguration {
    /// What it is called beside the sets of its run.
    static let fileName = "config.yaml"

    private let program: String
    private let options: [GivenOption]
    private let ownNames: Set<String>

    /// Puts together what is given and what is not.
    ///
    /// - Parameters:
    ///   - given: The values that are given, by option.
    ///   - ownNames: The options of the program itself, of which sets keep a record.
    init(program: String, _ table: OptionTable, given: [String: [String]], ownNames: Set<String>, withDefaults: Bool) {
        self.program = program
        self.ownNames = ownNames
        options = table.options.compactMap { option in
            guard option.name != ConfigurationOption.name else { return nil }
            let usual = withDefaults ? option.defaultText.map { [$0] } : nil
            return (given[option.name] ?? usual).map { GivenOption(option: option, values: $0) }
        }
    }

    /// The words that give all of it.
    var words: [String] { options.flatMap(\.words) }

    /// The program's own options, by name: what its network was made of.
    var ownOptions: [String: [String]] {
        let own = options.filter { ownNames.contains($0.option.name) }
        return Dictionary(own.map { ($0.option.name, $0.values) }) { first, _ in first }
    }

    /// What it begins with, so that a file that somebody has written is told from one of ours.
    private var heading: String {
        "# The options of a run of \(program), with which `\(program) --config FILE` makes the same run."
    }

    /// All of it as YAML.
    var yaml: String {
        let groups = options.reduce(into: [String?]()) { groups, given in
            if !groups.contains(given.option.group) { groups.append(given.option.group) }
        }
        let top = lines(of: nil)
        let others = groups.compactMap { $0 }.flatMap { group in
            ["", "\(group):"] + lines(of: group).map { "  \($0)" }
        }
        return ([heading] + top + others).joined(separator: "\n") + "\n"
    }

    private func lines(of group: String?) -> [String] {
        options.filter { $0.option.group == group }.map { given in
            let value =
                given.option.isRepeating && !given.option.isFlag
                ? YAMLText.list(given.values) : YAMLText.scalar(given.values.last ?? "")
            return "\(given.option.name): \(value)"
        }
    }

    /// Writes it into the directory of its run. What somebody else has written there under this name stays.
    func keep(in directory: FilePath, _ files: any FileSystem = LocalFileSystem()) throws {
        let files = files.within(directory)
        let path = directory.appending(Self.fileName)
        let bytes = Array(yaml.utf8)
        if try files.status(of: path) != nil {
            let old = (try? files.contents(of: path, limit: ConfigurationFile.byteLimit)) ?? []
            guard old != bytes, old.starts(with: "# The options of a run of ".utf8) else { return }
        }
        try files.replaceContents(of: path, with: bytes)
    }
}
