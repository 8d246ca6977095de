import ArgumentParser
import Foundation

/// A command as the argument parser describes it: the one list of options there is.
struct CommandInfo: Decodable {
    /// A name that an argument goes by.
    struct Name: Decodable, Hashable {
        let kind: String
        let name: String

        /// As it stands on a command line.
        var word: String { (kind == "long" ? "--" : "-") + name }
    }

    /// An option, a flag or a bare value.
    struct Argument: Decodable {
        let kind: String
        let sectionTitle: String?
        let isRepeating: Bool
        let parsingStrategy: String
        let names: [Name]?
        let preferredName: Name?
        let defaultValue: String?
        let allValues: [String]?
        let abstract: String?
    }

    let arguments: [Argument]?

    /// Reads the parser's own description of a command and those below it.
    static func describing(_ command: any ParsableArguments.Type) -> CommandInfo {
        struct Dump: Decodable { let command: CommandInfo }
        let dump = Data(command._dumpHelp().utf8)
        guard let info = try? JSONDecoder().decode(Dump.self, from: dump) else {
            fatalError("the argument parser describes \(command) in a form of another version")
        }
        return info.command
    }
}
