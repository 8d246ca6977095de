import ArgumentParser
import Lockstep
import SystemPackage

/// `report` of any program: where the time of the run in a directory went.
struct ReportCommand: PlainCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Say where the time of the run in a directory went, over all its launches.",
        discussion: """
            From \(AccountReport.fileName), which every launch goes on with: how much of the time went into steps that stay (the goodput), and \
            what each stop and each failure has cost. Of a launch that was killed, what it said last is what is known.
            """)

    @Argument(help: ArgumentHelp("The directory of the run, which it was given by --directory.", valueName: "dir"))
    var directory: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        guard let text = try AccountReport.text(of: FilePath(text: directory), asJSON: json) else {
            throw ValidationError(
                "\(directory) has no account of a run: there is no \(AccountReport.fileName) in it, or no launch in that"
            )
        }
        try StandardStream.output.print(json ? text.visibleJSON : text.visibleLines)
    }
}
