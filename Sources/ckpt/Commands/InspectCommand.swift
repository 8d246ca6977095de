import ArgumentParser
import Checkpoints
import FoundationEssentials
import Records
import SystemPackage
import Tensors
import Terminal

/// `ckpt inspect`: what is in a checkpoint.
struct InspectCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what is in a checkpoint file, a set or a .mindir file.",
        discussion: """
            Numbers and texts such as epoch_num are shown with their values. Statistics of complex tensors are of their \
            absolute values; elements that are not a number are counted (NAN) and left out of the rest.

            JSON of a file: an object with path, format, byteCount, crc, encryption, and "entries", each with name, kind \
            (tensor, text, map, unsupported: a tensor of a type that can be compared and nothing else), elementType, shape, byteCount, value, and with --statistics minimum, maximum, mean, \
            nanCount, infiniteCount. JSON of a set: its manifest, and with --statistics the file under "contents". JSON of \
            a .mindir file: path, graph, byteCount, encryption, "inputs" and "outputs", each with name, elementType and \
            shape (-1: any size), "operators" with their counts, and "parameters", each with name, elementType, shape, \
            byteCount, and location if it lies in another file.
            """)

    @Argument(help: "A checkpoint file, the manifest of a set, or a .mindir file.")
    var path: String

    @Flag(help: "Compute smallest and largest element, mean, and the number of NaN, which reads the file whole.")
    var statistics = false

    @OptionGroup var key: KeyOptions

    @Flag(help: "Print JSON.")
    var json = false

    func execute() throws -> CommandStatus {
        let subject = try Subject(path)
        switch subject {
        case .set(let manifest, _): try show(manifest, statistics ? contents(of: subject) : nil)
        case .file(let path) where path.isNetwork: try showNetwork(path)
        case .file, .directory: try show(contents(of: subject))
        }
        return .success
    }

    private func showNetwork(_ path: FilePath) throws {
        guard !statistics else { throw Refusal("\(path) is a network; there are statistics of checkpoints only") }
        let contents = try NetworkContents(path, key: key.load())
        if json { try CommandOutput.say(json: contents) } else { try CommandOutput.say(contents.text) }
    }

    private func contents(of subject: Subject) throws -> FileContents {
        let source = try Source(subject, key: key.load(), verb: "reading")
        return try FileContents(source, withStatistics: statistics)
    }

    private func show(_ contents: FileContents) throws {
        if json { try CommandOutput.say(json: contents) } else { try CommandOutput.say(contents.text) }
    }

    private func show(_ manifest: Manifest, _ contents: FileContents?) throws {
        if json { return try CommandOutput.say(json: SetContents(manifest: manifest, contents: contents)) }
        try CommandOutput.say([manifest.text, contents?.text].compactMap { $0 }.joined(separator: "\n\n"))
    }
}

/// A set in JSON: the fields of its manifest and one more.
private struct SetContents: Encodable {
    let manifest: Manifest
    let contents: FileContents?

    private enum Key: String, CodingKey { case contents }

    func encode(to encoder: any Encoder) throws {
        try manifest.encode(to: encoder)
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encodeIfPresent(contents, forKey: .contents)
    }
}

extension Manifest {
    /// The set for people: what it is, its files, its parameters.
    fileprivate var text: String {
        let (set, progress) = (checkpoint, checkpoint.progress)
        var facts = [
            ("set", "\(name), \(set.kind.rawValue), by \(HumanText.count(worldSize, "rank"))"),
            ("saved", "\(created.formatted(.iso8601)) by \(savedBy), because of \(set.cause.reason)"),
            (
                "step",
                "\(progress.step) (epoch \(progress.epoch), step \(progress.stepInEpoch) of \(progress.stepsPerEpoch))"
            ),
        ]
        if let request = set.cause.request, let rank = set.cause.requestingRank {
            let words = [request.explanation, request.requester.map { "from \($0)" }].compactMap { $0 }
            let place = "rank \(rank) (process \(request.processIdentifier) on \(request.host))"
            facts.append(
                ("asked", (["\(place), \(request.time.formatted(.iso8601))"] + words).joined(separator: ", ")))
        }
        if !set.mesh.isEmpty {
            facts.append(("mesh", set.mesh.map { "\($0.axis) \($0.size)" }.joined(separator: ", ")))
        }
        for (metric, value) in (set.metrics ?? [:]).sorted(by: { $0.key < $1.key }) {
            facts.append((metric, HumanText.number(value)))
        }
        return [Facts(facts).text, filesText, parametersText].joined(separator: "\n\n")
    }

    private var filesText: String {
        var table = Table([("FILE", .left), ("RANK", .right), ("FOR", .left), ("SIZE", .right), ("XXH3", .left)])
        for file in files {
            table.add([file.path, "\(file.rank)", file.role.rawValue, HumanText.bytes(file.byteCount), file.xxh3])
        }
        return table.text
    }

    private var parametersText: String {
        var table = Table([("PARAMETER", .left), ("TYPE", .left), ("SHAPE", .left), ("LAYOUT", .left)])
        for parameter in checkpoint.parameters {
            table.add([
                parameter.name, parameter.elementType, "\(parameter.shape)", parameter.layout?.text ?? "whole",
            ])
        }
        return table.text
    }
}

extension LayoutRecord {
    /// The axes that split each dimension, as in "[tp, -]".
    fileprivate var text: String {
        let dimensions = axes.map { $0.isEmpty ? "-" : $0.joined(separator: "*") }
        let optimizer = optimizerShardSize == 0 ? "" : ", optimizer shards \(optimizerShardSize)"
        return "[\(dimensions.joined(separator: ", "))]\(optimizer)"
    }
}
