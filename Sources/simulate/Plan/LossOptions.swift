import ArgumentParser
import Files
import Goodput
import SystemPackage
import Terminal

/// How machines are lost: at random, or as a trace has it.
struct LossOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The mean time between failures of a host. (default: 264d, that of the 2048 hosts which trained Llama 3)",
            valueName: "duration"))
    var mtbfPerHost: TimeSpan?

    @Option(help: ArgumentHelp("Hosts that fail together, as those of a rack. (default: 1)", valueName: "n"))
    var hostsPerFailure: Int?

    @Option(
        help: ArgumentHelp(
            "The share of failures that end processes and leave hosts as they are. (default: 0.22)", valueName: "share")
    )
    var processShare: Double?

    @Option(
        help: ArgumentHelp("The share of failures that are announced by the notice. (default: 0)", valueName: "share"))
    var noticedShare: Double?

    @Option(
        help: ArgumentHelp("How long it takes to replace hosts that were lost. (default: 0s)", valueName: "duration"))
    var replacement: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Lose machines as this trace has it, in SkyPilot's form; a notice comes before each loss.",
            valueName: "file"))
    var trace: String?

    func validate() throws {
        let random: [(String, Bool)] = [
            ("--mtbf-per-host", mtbfPerHost != nil), ("--hosts-per-failure", hostsPerFailure != nil),
            ("--process-share", processShare != nil), ("--noticed-share", noticedShare != nil),
            ("--replacement", replacement != nil),
        ]
        if trace != nil, let (option, _) = random.first(where: \.1) {
            throw ValidationError("--trace and \(option) exclude each other: the trace says when machines are lost")
        }
    }

    func machines() throws -> Machines {
        if let trace { return .trace(try read(trace)) }
        var model = FailureModel()
        if let mtbfPerHost { model.hostMTBF = mtbfPerHost.duration / .seconds(1) }
        model.hostsPerFailure = hostsPerFailure ?? model.hostsPerFailure
        model.processShare = processShare ?? model.processShare
        model.noticedShare = noticedShare ?? model.noticedShare
        if let replacement { model.replacementSeconds = replacement.duration / .seconds(1) }
        return .atRandom(model)
    }

    private func read(_ path: String) throws -> AvailabilityTrace {
        let bytes: [UInt8]
        do {
            bytes = try LocalFileSystem().contents(of: FilePath(text: path), limit: 256 << 20)
        } catch {
            throw GoodputError.badTrace(place: "the trace", reason: "cannot be read: \(error)")
        }
        return try AvailabilityTrace(json: bytes)
    }
}
