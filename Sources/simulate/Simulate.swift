import ArgumentParser
import Files
import Terminal

/// The command `simulate`: many ranks, their disks and their bad days in one process.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs, checks and plans trainings on simulated clusters.",
        subcommands: [RunCommand.self, CheckCommand.self, MutantsCommand.self, PlanCommand.self])

    static func main() {
        StandardStream.prepare()
        main(CommandArguments.texts)
    }
}
