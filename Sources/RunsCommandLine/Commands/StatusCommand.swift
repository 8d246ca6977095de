import ArgumentParser
import Foundation
import Lockstep
import SystemPackage

/// `status` of any program: what the run in a directory says of itself, and from where it would carry on.
struct StatusCommand: PlainCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say how far the run in a directory is, and from where it would carry on.",
        discussion: """
            Fields: \(StatusField.allCases.map(\.rawValue).joined(separator: ", ")). Step, generation, checkpoint, \
            manifest, cause (why it was saved) and byteCount (of all its files) are those of the newest set in the directory, the rest is what the last run there said of itself. \
            What is not known is an empty line, or left out of JSON.
            """)

    @Argument(help: ArgumentHelp("The directory of the run, which it was given by --directory.", valueName: "dir"))
    var directory: String

    @Option(help: ArgumentHelp("Print the value of this field alone.", valueName: "name"))
    var field: StatusField?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard field == nil || !json else { throw ValidationError("give one of --field and --json, not both") }
    }

    func run() throws {
        let path = FilePath(text: directory)
        let status = RunStatus.read(in: path)
        let sets = try CheckpointDirectory(path).list()
        guard status != nil || !sets.manifests.isEmpty else {
            throw ValidationError(
                "\(directory) is the directory of no run: it has neither a \(RunStatus.fileName) nor a checkpoint")
        }
        // A run does not carry on by itself from what it computed with NaN.
        let newest = sets.manifests.first(where: \.checkpoint.isFinite) ?? sets.manifests.first
        let summary = RunSummary(status: status, newest: newest, directory: path)
        if let field { return try StandardStream.output.print(summary.text(of: field) ?? "") }
        for error in sets.unreadable.map(\.description).abridged(to: 1) {
            StandardStream.error.offer("note: \(error.visible)\n")
        }
        try StandardStream.output.print(json ? summary.json : summary.lines)
    }
}

/// What can be asked of a run.
enum StatusField: String, CaseIterable, ExpressibleByArgument {
    case state, step, stepsMade, generation, checkpoint, manifest, cause, run, launch, reason, requestingRank
    case resumable, error, byteCount, processes
}

/// What is known of a run.
private struct RunSummary {
    let status: RunStatus?
    let newest: Manifest?
    let directory: FilePath

    /// In one line, as scripts read it, or one each.
    func text(of field: StatusField) -> String? {
        if case .processes = field { return processes?.map { "\($0)" }.joined(separator: "\n") }
        return value(of: field).map { "\($0)".visible }
    }

    private var processes: [Int]? {
        status?.processes.map(\.processIdentifier).filter { (1...Int(Int32.max)).contains($0) }
    }

    private func value(of field: StatusField) -> (any Encodable)? {
        switch field {
        case .state: status?.state.rawValue
        case .step: newest?.checkpoint.progress.step ?? 0
        case .stepsMade: status?.stepsMade
        case .generation: newest?.lineage?.generation ?? 0
        case .checkpoint: newest?.name
        case .manifest: newest.map { directory.appending(SetNames.manifest(of: $0.name)).string }
        case .cause: newest?.checkpoint.cause.reason
        case .run: newest?.lineage?.run ?? status?.run
        case .launch: status?.launch
        case .reason: status?.reason
        case .requestingRank: status?.requestingRank
        case .resumable: status?.resumable ?? (newest != nil)
        case .error: status?.error
        case .byteCount: newest.map { OutsideNumber.sum($0.files.map(\.byteCount)) }
        case .processes: processes
        }
    }

    var json: String {
        get throws {
            var values: [String: AnyEncodable] = [:]
            for field in StatusField.allCases { values[field.rawValue] = value(of: field).map(AnyEncodable.init) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(values), as: UTF8.self)
        }
    }

    var lines: String {
        var lines: [String] = []
        if let status {
            let who = status.requestingRank.map { " asked rank \($0)" } ?? ""
            let why = status.error ?? status.reason.map { $0 + who }
            lines.append(("the last run: \(status.state.rawValue)" + (why.map { ", \($0)" } ?? "")).visible)
        }
        guard let newest else { return (lines + ["no checkpoint is published"]).joined(separator: "\n") }
        let progress = newest.checkpoint.progress
        lines.append(
            "newest checkpoint: \(newest.name), step \(progress.step), epoch \(progress.epoch)"
                + (progress.finished ? ", the end of the run" : ""))
        return lines.joined(separator: "\n")
    }
}

private struct AnyEncodable: Encodable {
    let value: any Encodable

    func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}
