import ArgumentParser
import Checkpoints
import Files
import SystemPackage
import Terminal

/// `ckpt verify`: whether checkpoints are whole.
struct VerifyCommand: CheckpointCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Say whether the sets of a directory, one set or a file are whole.",
        discussion: """
            Sets are compared with the sizes and checksums in their manifests, and so is a file that belongs to a set; \
            other files with the CRC in them. A file encrypted in mode AES-GCM that belongs to no set proves that each of \
            its blocks is authentic, not that they are all there and in order: it is called "cannot tell".

            With a key, manifests and files are compared with the codes that it makes, which nobody else can: sets that \
            were saved with a key are tamper-evident. A set without codes was saved without a key.

            A set that a run removes or replaces meanwhile is no damage: what takes its place is verified.

            Exit status: 0 whole, 1 damaged, 2 cannot tell: there is nothing to compare with, or it cannot be read.

            JSON: an object with "verdict" (whole, damaged, unknown) and "items", each with name, verdict and \
            explanation.
            """)

    static let statusOfErrors = CommandStatus.unknown

    @Argument(help: "A directory, the manifest of a set, or a checkpoint file.")
    var path: String

    @OptionGroup var key: KeyOptions

    @Flag(help: "Print JSON.")
    var json = false

    func execute() throws -> CommandStatus {
        let verification = Verification(items: try items(of: Subject(path)))
        if json { try CommandOutput.say(json: verification) } else { try CommandOutput.say(verification.text) }
        return verification.verdict.status
    }

    private func items(of subject: Subject) throws -> [Verification.Item] {
        switch subject {
        case .directory(let directory): return try items(in: directory)
        case .set(let manifest, let directory):
            let progress = Progress("verifying", total: manifest.byteCount)
            let inspection = SetInspection(directory, progress: progress, key: try key.load())
            return [Verification.Item(manifest, inspection.compareChecksums(of: manifest), inspection)]
        case .file(let path):
            return [try FileVerification(path, key: key.load()).item()]
        }
    }

    private func items(in directory: FilePath) throws -> [Verification.Item] {
        let sets = CheckpointDirectory(directory)
        let listing = try sets.list()
        let total = listing.manifests.map(\.byteCount).reduce(0, +)
        let inspection = SetInspection(directory, progress: Progress("verifying", total: total), key: try key.load())
        let (verified, last) = try sets.inspect(listing) { manifest in
            let state = inspection.compareChecksums(of: manifest)
            return (Verification.Item(manifest, state, inspection), state)
        }
        let items = verified + last.unreadable.map(Verification.Item.init)
        guard items.isEmpty else { return items }
        return [Verification.Item(name: directory.string, verdict: .unknown, explanation: "there are no sets here")]
    }
}

/// What `ckpt verify` says.
struct Verification: Encodable {
    /// The worst comes first.
    enum Verdict: String, Encodable, CaseIterable {
        case damaged, unknown, whole

        var status: CommandStatus {
            switch self {
            case .damaged: .failure
            case .unknown: .unknown
            case .whole: .success
            }
        }
    }

    struct Item: Encodable {
        let name: String
        let verdict: Verdict
        let explanation: String
    }

    let verdict: Verdict
    let items: [Item]

    init(items: [Item]) {
        self.items = items
        verdict = Verdict.allCases.first { verdict in items.contains { $0.verdict == verdict } } ?? .unknown
    }

    var text: String {
        items.map { item in
            let verdict = item.verdict == .unknown ? "cannot tell" : item.verdict.rawValue
            return "\(item.name.visible): \(verdict): \(item.explanation.visible)"
        }.joined(separator: "\n")
    }
}

extension Verification.Item {
    init(_ manifest: Manifest, _ state: SetState, _ inspection: SetInspection) {
        let count = HumanText.count(manifest.files.count, "file")
        let proof =
            inspection.hasKey ? "the codes they should have, and the manifest too" : "checksums they should have"
        self.init(
            name: manifest.name, state,
            whole: "\(count) with the sizes and \(proof)\(manifest.hasOldCodes ? Self.oldCodes : "")")
    }

    private static let oldCodes = ", but with codes of an earlier version that can be forged; ckpt rekey mends that"

    /// A verdict, with `whole` as its explanation if nothing is wrong.
    init(name: String, _ state: SetState, whole: String) {
        switch state {
        case .whole, .wholeBySize: self.init(name: name, verdict: .whole, explanation: whole)
        case .damaged(let problem): self.init(name: name, verdict: .damaged, explanation: problem)
        case .unknown(let problem), .gone(let problem):
            self.init(name: name, verdict: .unknown, explanation: problem)
        }
    }

    /// A manifest that cannot be read: damaged, unless the system refused.
    init(_ error: CheckpointSetError) {
        switch error {
        case .manifest(let path, _):
            self.init(name: path.string, verdict: .damaged, explanation: error.description)
        case .file(let problem):
            self.init(name: problem.path.string, verdict: .unknown, explanation: problem.description)
        default: self.init(name: "manifest", verdict: .damaged, explanation: error.description)
        }
    }
}
