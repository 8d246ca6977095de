import ArgumentParser
import Files
import Goodput
import SystemPackage
import Terminal

/// `simulate plan`: what to do about losing machines.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say how often to save, and how, where machines are lost.",
        discussion: """
            It simulates thousands of losses from a seed, and a number of days, for 1 to \(JobCosts.largestRanks) ranks: \
            how much of the time is work that stays, how much is lost, spent on saves, on starting again, and waiting for \
            machines; with which interval between saves that is best; and whether a stop is over before the machines are \
            taken. Times are written \(TimeSpan.forms), sizes \(ByteSize.forms).

            Exit status: 0 done, 1 the page could not be written, 64 for a wrong command line, 78 for a trace or the \
            directory of a run that says nothing.
            """)

    @OptionGroup(title: "The job") var job: JobOptions
    @OptionGroup(title: "Losing machines") var losses: LossOptions

    @Option(
        help: ArgumentHelp(
            "How it saves: integrated (rank 0 gathers all and writes) or sharded (each rank its part), the latter also with "
                + "-async (the run goes on while files are written), each with -local (copies on the hosts' disks between).",
            valueName: "strategy"))
    var strategy = "sharded"

    @Option(help: ArgumentHelp("With local copies: every n-th save goes to shared storage.", valueName: "n"))
    var flushEvery = 10

    @Flag(help: "With local copies: no host keeps those of another one, so that none may be lost.")
    var noPartner = false

    @Option(help: ArgumentHelp("Look at this interval between saves instead of the best.", valueName: "duration"))
    var interval: TimeSpan?

    @Option(help: ArgumentHelp("Simulate so many days of the run.", valueName: "days"))
    var days = 30.0

    @Option(help: ArgumentHelp("What decides when machines are lost.", valueName: "number"))
    var seed: UInt64 = 1

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Write a page with plots as well, which needs no network.", valueName: "file"))
    var html: String?

    func run() throws {
        do {
            let (request, notes) = try request()
            let plan = try Plan(request)
            if let html { try write(PlanPage(plan), to: html) }
            try StandardStream.output.print(json ? PlanOutput.json(of: plan) : PlanOutput.text(of: plan, notes: notes))
        } catch let error as GoodputError {
            switch error {
            case .badNumber: throw ValidationError(error.description)
            case .badTrace: throw refusal("\(losses.trace ?? "the trace"): \(error)")
            }
        } catch let error as MeasuredRunError {
            throw refusal(error.description)
        }
    }

    private func request() throws -> (PlanRequest, notes: [String]) {
        var request = PlanRequest()
        let copies = SaveStrategy.LocalCopies(flushEvery: flushEvery, hasPartner: !noPartner)
        guard let known = SaveStrategy.all(copies).first(where: { $0.name == strategy }) else {
            let names = SaveStrategy.all().map(\.name).joined(separator: ", ")
            throw ValidationError("--strategy is '\(strategy.visible)'; it must be one of \(names)")
        }
        request.strategy = known
        request.copies = copies
        request.interval = interval.map { $0.duration / .seconds(1) }
        request.days = days
        request.seed = seed
        let measured = try job.from.map { try MeasuredRun(in: FilePath(text: $0), history: job.history) }
        measured?.apply(to: &request)
        job.apply(to: &request)
        request.machines = try losses.machines()
        return (request, measured?.notes ?? [])
    }

    private func write(_ page: PlanPage, to path: String) throws {
        try LocalFileSystem().replaceContents(of: FilePath(text: path), with: Array(page.html.utf8), isDurable: false)
    }

    /// What starting again cannot mend (EX_CONFIG of sysexits.h).
    private func refusal(_ sentence: String) -> ExitCode {
        StandardStream.error.offer("Error: \(sentence.visible)\n")
        return ExitCode(78)
    }
}
