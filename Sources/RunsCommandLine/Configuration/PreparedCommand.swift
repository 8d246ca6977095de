import ArgumentParser
import Lockstep
import SystemPackage

/// The words of a command line as the parser gets them: with what a configuration file and a saved set say beside them.
struct PreparedCommand<Program: TrainingProgram> {
    /// All words.
    private(set) var words: [String]

    /// The options of the training that they come to, if that is what they ask for; read from their table when asked for, which takes
    /// as long as parsing them.
    var configuration: RunConfiguration? { training.map { Self.configuration($0.table, $0.given) } }

    private var training: (table: OptionTable, given: [String: [String]])?
    private let type: any ParsableCommand.Type
    private var path: [String]
    private var own: [String] = []
    private var file: [(given: GivenOption, line: Int)] = []
    private var fileName = ""
    private var recorded: [GivenOption] = []
    private var source = ""

    /// Prepares the words of a command line, all ranks together.
    init(_ words: [String], in world: any Communicator) throws {
        let (name, command) = Self.command(named: words.first)
        type = command
        path = name.map { [$0] } ?? []
        own = Array(words.dropFirst(path.count))
        self.words = words
        guard Self.isToBePrepared(own, type, in: world) else { return }
        let table = OptionTable(.describing(type))
        own = table.joiningNegativeNumbers(in: own)
        // What is asked is what a training would be.
        if name == ConfigCommand<Program>._commandName { path = [ConfigurationKeys.training] }
        self.words = path + own
        guard type is any RankCommand.Type else { return }
        let file = try ConfigurationOption.take(from: &own, of: table)
        var given = table.values(in: own)
        if let file { try read(file, for: table, given: &given, in: world) }
        try recall(RecordedOptions.Query(table: table, given: given, task: taskName), in: world)
        self.words = path + recorded.flatMap(\.words) + self.file.flatMap(\.given.words) + own
        guard isTraining, world.rank == 0 else { return }
        training = (table, given)
    }

    private var isTraining: Bool { type is TrainCommand<Program>.Type }

    private var taskName: String? { (type as? any SavedNetworkCommand.Type)?.taskName }

    /// The command that a word names, and its name if the word is one; a training otherwise. Who asks for the configuration
    /// of a training has its options.
    private static func command(named word: String?) -> (name: String?, type: any ParsableCommand.Type) {
        let known = RootCommand<Program>.configuration.subcommands.first { command in
            word.map { command._commandName == $0 || command.configuration.aliases.contains($0) } ?? false
        }
        guard let known, let word else { return (nil, TrainCommand<Program>.self) }
        return (word, known is ConfigCommand<Program>.Type ? TrainCommand<Program>.self : known)
    }

    /// Whether words of a command need anything beside the parser. In debug builds it takes the parser a tenth of a second to
    /// describe a command, so that is done only if something is to be looked up.
    private static func isToBePrepared(
        _ words: [String], _ type: any ParsableCommand.Type, in world: any Communicator
    ) -> Bool {
        let help: Set = ["--help", "-h", "--help-hidden", "--version", "--experimental-dump-help"]
        let options = words.prefix { $0 != "--" }
        guard !options.contains(where: help.contains) else { return false }
        if options.contains(where: OptionTable.isNegativeNumber) { return true }
        guard type is any RankCommand.Type else { return false }
        return type is any SavedNetworkCommand.Type
            || options.contains { $0.hasPrefix("--\(ConfigurationOption.name)") }
            || (type is TrainCommand<Program>.Type && world.rank == 0)
    }

    /// Rank 0 reads the file, and all ranks see the same. What the command line gives is not taken from it.
    private mutating func read(
        _ path: String, for table: OptionTable, given: inout [String: [String]], in world: any Communicator
    ) throws {
        fileName = path
        let found = try RunFailure.ending(with: .configuration) {
            let bytes = try world.together {
                world.rank == 0
                    ? try LocalFileSystem().contents(of: FilePath(text: path), limit: ConfigurationFile.byteLimit) : []
            }
            let file = try ConfigurationFile(name: path, world.broadcast(bytes, from: 0))
            let keys = ConfigurationKeys(
                for: type._commandName, table, in: RootCommand<Program>.configuration.subcommands)
            return try keys.options(of: file)
        }
        file = found.filter { given[$0.given.option.name] == nil }
        for (option, _) in file { given[option.option.name] = option.values }
    }

    /// Takes what is not given from the set that the command is to load.
    private mutating func recall(_ query: RecordedOptions.Query, in world: any Communicator) throws {
        guard type is any SavedNetworkCommand.Type, let record = try RecordedOptions.find(query, in: world) else {
            return
        }
        source = record.source
        recorded = record.options(of: query, own: Self.ownOptions)
    }

    /// The options that the program itself declares.
    private static var ownOptions: OptionTable {
        var table = OptionTable(.describing(Program.self))
        for name in Program.launchOptions { table.remove(name) }
        return table
    }

    private static func configuration(_ table: OptionTable, _ given: [String: [String]]) -> RunConfiguration {
        let names = Set(ownOptions.options.map(\.name))
        let whole = RunConfiguration(
            program: Program.programName, table, given: given, ownNames: names, withDefaults: true)
        // How a program shows the default of a type of its own need not be how it is written.
        let isRead = (try? RootCommand<Program>.parseAsRoot([ConfigurationKeys.training] + whole.words)) != nil
        guard !isRead else { return whole }
        return RunConfiguration(
            program: Program.programName, table, given: given, ownNames: names, withDefaults: false)
    }
}

extension PreparedCommand {
    /// Parses the words. What is wrong with the file is said of the file.
    func parse() throws -> any ParsableCommand {
        do {
            return try RootCommand<Program>.parseAsRoot(words)
        } catch {
            throw blame(for: error)
        }
    }

    /// The same error, or one that names where the option comes from that it is about.
    private func blame(for error: any Error) -> any Error {
        guard !(file.isEmpty && recorded.isEmpty), RootCommand<Program>.exitCode(for: error) != .success else {
            return error
        }
        let message = RootCommand<Program>.message(for: error)
        do {
            _ = try RootCommand<Program>.parseAsRoot(path + own)
        } catch let alone where RootCommand<Program>.message(for: alone) == message {
            return error
        } catch {
            // Without the file it fails otherwise.
        }
        if let found = origin(of: message) { return found }
        return file.isEmpty ? error : RunFailure(ConfigurationError(fileName, message), .configuration)
    }

    /// What a command throws: an error of the command line says so if it is about an option that is not there.
    func explained(_ error: any Error) -> any Error {
        guard RootCommand<Program>.exitCode(for: error) == .validationFailure else { return error }
        return origin(of: RootCommand<Program>.message(for: error)) ?? error
    }

    /// The error with what its option comes from; nil if that is the command line.
    private func origin(of message: String) -> (any Error)? {
        if let culprit = file.first(where: { Self.mentions(message, $0.given.option) }) {
            return RunFailure(ConfigurationError(fileName, line: culprit.line, message), .configuration)
        }
        guard recorded.contains(where: { Self.mentions(message, $0.option) }) else { return nil }
        return ValidationError("\(message) (what is not given is taken from \(source))")
    }

    /// Whether a message is about an option, and not about one whose name only begins so.
    private static func mentions(_ message: String, _ option: OptionInfo) -> Bool {
        (option.words + option.oppositeWords).contains { word in
            message.ranges(of: word).contains { range in
                let next = message[range.upperBound...].first
                return next.map { !$0.isLetter && !$0.isNumber && $0 != "-" } ?? true
            }
        }
    }
}
