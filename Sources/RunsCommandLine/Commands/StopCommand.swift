import ArgumentParser
import Foundation
import Lockstep
import SystemPackage
import Terminal

/// `stop` of any program: asks a run to stop by a file in its directory, lists such requests, or takes them back.
struct StopCommand: PlainCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Ask the run in a directory to stop, list such requests, or withdraw them.",
        discussion: """
            The run sees the request within a quarter of a second, makes the step under way, saves and ends. A request \
            that names a later moment can be withdrawn until then. It works from every host that sees the directory.
            """)

    @Argument(help: ArgumentHelp("The directory of the run, which it was given by --directory.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("Stop when so many steps of the run are made in all.", valueName: "n"))
    var afterStep: Int?

    @Option(help: ArgumentHelp("Stop when so many more checkpoints are published.", valueName: "n"))
    var afterCheckpoints: Int?

    @Option(help: ArgumentHelp("Stop at this time: \(TimePoint.forms).", valueName: "time"))
    var at: TimePoint?

    @Option(
        name: .customLong("in"), help: ArgumentHelp("Stop after this time: \(TimeSpan.forms).", valueName: "duration"))
    var delay: TimeSpan?

    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var reason: String?

    @Flag(help: "List the requests that have not taken effect.")
    var list = false

    @Option(help: ArgumentHelp("Take a request back, by its id, or all of them.", valueName: "id|all"))
    var withdraw: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        let conditions = [afterStep != nil, afterCheckpoints != nil, at != nil, delay != nil].filter { $0 }
        guard conditions.count <= 1 else {
            throw ValidationError("give one of --after-step, --after-checkpoints, --at and --in, not several")
        }
        for (name, value) in [("--after-step", afterStep), ("--after-checkpoints", afterCheckpoints)] {
            try checkCount(name, value)
        }
        guard [list, withdraw != nil, !conditions.isEmpty || reason != nil].filter({ $0 }).count <= 1 else {
            throw ValidationError("--list and --withdraw stand alone, without each other and a new request")
        }
    }

    func run(in surroundings: any Surroundings) throws {
        let run = FilePath(text: directory)
        let halts = HaltDirectory(ofRun: run)
        guard try Self.isRun(run) else {
            throw ValidationError(
                "\(directory) is the directory of no run: it has neither a \(RunStatus.fileName) nor a checkpoint, and "
                    + "is not an empty one that a run is to begin in")
        }
        if list { return try printRequests(of: halts) }
        if let withdraw { return try take(withdraw, from: halts) }
        let request = HaltRequest(
            condition(in: surroundings), delay: delay.map { $0.duration / .seconds(1) },
            reason: reason.flatMap { $0.isEmpty ? nil : $0 }, in: surroundings)
        try halts.submit(request)
        if json { return try Self.printJSON([request]) }
        try StandardStream.output.print("request \(request.id): \(directory) is to stop \(request.condition)")
        let state = RunStatus.read(in: run)?.state
        if state == nil {
            try StandardStream.output.print(
                "no run has begun there yet, so the request waits for one; --withdraw takes it back")
        }
        if let state, ![.starting, .running, .stopping].contains(state) {
            try StandardStream.output.print(
                "the last run there has \(state.rawValue), so the request is for the next one; --withdraw takes it back"
            )
        }
    }

    private static func isRun(_ directory: FilePath) throws -> Bool {
        let files = LocalFileSystem()
        // A run makes its folder and its lock before anything else, and somebody may have made the folder for it.
        let marks = [RunStatus.fileName, "run.lock", "halt"]
        if try marks.contains(where: { try files.status(of: directory.appending($0)) != nil }) { return true }
        if (try? files.names(in: directory))?.isEmpty == true { return true }
        return try !CheckpointDirectory(directory).list().manifests.isEmpty
    }

    private func condition(in surroundings: any Surroundings) -> HaltRequest.Condition {
        if let afterStep { return .afterStep(afterStep) }
        if let afterCheckpoints { return .afterCheckpoints(afterCheckpoints) }
        if let at { return .at(at.date(after: surroundings.date)) }
        guard let delay else { return HaltRequest.Condition.now }
        // Whole seconds, as in JSON, and not before the time is over.
        let end = surroundings.date.timeIntervalSince1970 + delay.duration / .seconds(1)
        return .at(Date(timeIntervalSince1970: end.rounded(.up)))
    }

    private func printRequests(of halts: HaltDirectory) throws {
        // One that is gone by now was withdrawn or has taken effect; one that cannot be read asks for nothing.
        let requests = try halts.ids().compactMap { try? halts.request($0) }
        if json { return try Self.printJSON(requests) }
        if requests.isEmpty { try StandardStream.output.print("no requests") }
        for request in requests {
            let reason = request.reason.map { ", \"\($0)\"" } ?? ""
            try StandardStream.output.print(
                "\(request.id)  \(request.condition), by \(request.requester), \(request.asked.formatted(.iso8601))\(reason)"
                    .visible)
        }
    }

    private func take(_ id: String, from halts: HaltDirectory) throws {
        let all = try halts.ids()
        let ids = id == "all" ? all : all.filter { $0 == FileName(id) }
        guard id == "all" || !ids.isEmpty else {
            throw ValidationError("\(directory) has no request \(id): it was withdrawn or has taken effect; see --list")
        }
        if ids.isEmpty { try StandardStream.output.print("no requests") }
        for id in ids {
            try halts.withdraw(id)
            try StandardStream.output.print("request \(id) is withdrawn".visible)
        }
    }

    private static func printJSON(_ requests: [HaltRequest]) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try StandardStream.output.print(String(decoding: try encoder.encode(requests), as: UTF8.self))
    }
}
