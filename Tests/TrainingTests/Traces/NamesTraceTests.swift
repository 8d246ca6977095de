import Checkpoints
import CheckpointsTestKit
import Files
import Runs
import SurroundingsTestKit
import SystemPackage
import Testing
import Training

/// What MindSpore's `ModelCheckpoint` calls its files and when it saves, `checkpoint_names.json`, replayed.
struct NamesTraceTests {
    @Test func everyRecordedRunIsReplayed() async throws {
        try await replayAll(
            "checkpoint_names.json", NamesCase.file.cases(), deliberateDifferences: namesDifferences,
            notExpressible: namesNotExpressible
        ) { try NamesCase($0).replay() }
    }

    @Test func filesAreReadOnly() throws {
        let run = SavingRun(epochs: 1, steps: 1)
        try run.train([run.checkpoint()])
        let recorded = NamesCase.file.contents["file_mode"]["CKP-1_1.ckpt"].string
        #expect(recorded == "0o400" && run.disk.permissions(of: output.appending("CKP-1_1.ckpt")) == 0o400)
    }

    /// The prefixes that are settled on where there are files. Only names of exactly this prefix count here.
    @Test func everyRecordedPrefixIsReplayed() throws {
        let cases = NamesCase.file.contents["effective_prefix"].array
        var counts = (replayed: 0, different: 0)
        for json in cases {
            let files = json["files"].array.compactMap(\.string)
            let run = SavingRun(epochs: 1, steps: 1)
            try run.put(files)
            let prefix = json["prefix"].string ?? ""
            let isBreakpoint = json["exception_save"].bool == true
            let config = try CheckpointConfig(saveCheckpointSteps: isBreakpoint ? 100 : 1, exceptionSave: isBreakpoint)
            let failing = isBreakpoint ? [Actor.raising(.trainStepEnd)] : []
            _ = try? run.train([run.checkpoint(config, prefix: .fixed(prefix))] + failing)
            let new = run.names().filter { !files.contains($0) }
            let expected = prefixDifferences["\(prefix) \(files.first ?? "")"] ?? json["effective_prefix"].string ?? "?"
            #expect(new == ["\(expected)-1_1\(isBreakpoint ? "_breakpoint" : "").ckpt"], "\(json)")
            if expected == json["effective_prefix"].string { counts.replayed += 1 } else { counts.different += 1 }
        }
        print("checkpoint_names.json, prefixes: \(counts.replayed) replayed, \(counts.different) differ on purpose")
        #expect(cases.count == 46 && counts.different == prefixDifferences.count)
    }
}

/// Prefixes where MindSpore takes other prefixes' files for its own, or digits of other scripts for digits: by prefix
/// and file.
let prefixDifferences = [
    "CKP CKP-foo.ckpt": "CKP", "CKP CKP12-1_1.ckpt": "CKP", "CKP CKP.7-1_1.ckpt": "CKP", "CKP CKP-2-1_1.ckpt": "CKP",
    "a.ckpt a.ckpt": "a.ckpt", "CKP CKP_\u{663}-1_1.ckpt": "CKP", "a a-b-1_1.ckpt": "a",
]

extension SavingRun {
    /// Puts foreign files into the directory.
    func put(_ names: [String]) throws {
        try disk.createDirectory(output)
        for name in names { try disk.create(output.appending(name)).close() }
    }
}

/// A case of `checkpoint_names.json`.
struct NamesCase {
    static let file = TraceFile("checkpoint_names.json")

    let name: String
    let json: JSON

    init(_ traceCase: TraceCase) {
        name = traceCase.name
        json = traceCase.json
    }

    static func named(_ name: String) -> NamesCase {
        guard let found = file.cases().first(where: { $0.name == name }) else { fatalError("there is no case \(name)") }
        return NamesCase(found)
    }

    var run: SavingRun {
        SavingRun(epochs: json["epochs"].int ?? 0, steps: json["steps_per_epoch"].int ?? 0)
    }

    /// Runs the case and compares the moments, the names and what was appended.
    func replay() throws -> Bool {
        let run = run
        try run.put(json["preexisting"].array.compactMap { $0.array.first?.string })
        let surroundings = VirtualSurroundings()
        let perStep = json["seconds_per_step"].double ?? 1
        let ticking = Actor(.trainStepEnd) { _ in surroundings.sleep(for: .seconds(perStep)) }
        let checkpoint = try run.checkpoint(config, prefix: prefix, directory: directory)
        let changes = Changes(run)
        let raised = Result {
            let validation = name.contains("fit") ? try smallLoader(steps: 2) : nil
            try run.train(
                [ticking, checkpoint, changes] + others,
                initialEpoch: json["train_kwargs"]["initial_epoch"].int ?? 0, validating: validation,
                surroundings: surroundings)
        }
        if case .failure = raised {} else { #expect(json["raised"] == .null, "\(name) raised nothing") }
        changes.note("after raise")
        if json["changes"] != .null { #expect(changes.all == recordedChanges, "\(name)") }
        #expect(run.names() == json["final"].array.compactMap(\.string), "\(name)")
        let latest = json["latest_ckpt_file_name"].string?.replacing("$DIR", with: output.string)
        #expect(checkpoint.latestCkptFileName == latest, "\(name)")
        try expectContents(run)
        return true
    }

    private var recordedChanges: [Change] {
        json["changes"].array.map { change in
            let moment = change.array[0].string ?? "\(change.array[0].int ?? -1)"
            return Change(
                moment: moment, added: change.array[1].array.compactMap(\.string).sorted(),
                removed: change.array[2].array.compactMap(\.string).sorted())
        }
    }

    private func expectContents(_ run: SavingRun) throws {
        for (fileName, recorded) in json["contents"].object where !name.contains("saved_network") {
            let reader = try CheckpointFormats.open(run.disk.open(output.appending(fileName)))
            for (entry, value) in recorded["append"].object {
                guard let expected = value["value"].int, value["dtype"].string == "Int64" else { continue }
                // A breakpoint holds the step of the run, not that of the epoch.
                let step = entry == "step_num" && fileName == "CKP-2_1_breakpoint.ckpt" ? 5 : expected
                #expect(try reader.integer(entry) == step, "\(entry) in \(fileName) of \(name)")
            }
        }
    }
}

/// What appeared and disappeared at one moment.
struct Change: Equatable {
    let moment: String
    let added: [String]
    let removed: [String]
}

/// Notes the files that appear and disappear, as the recorder of the traces did.
final class Changes: Callback {
    private let run: SavingRun
    private var known: [String]
    private(set) var all: [Change] = []

    init(_ run: SavingRun) {
        self.run = run
        known = run.names()
    }

    func note(_ moment: String) {
        let names = run.names()
        let change = Change(
            moment: moment, added: names.filter { !known.contains($0) }, removed: known.filter { !names.contains($0) })
        known = names
        if change.added != [] || change.removed != [] { all.append(change) }
    }

    override func onTrainStepEnd(_ context: RunContext) { note("\(context.originalArgs().curStepNum)") }
    override func onTrainEnd(_ context: RunContext) { note("train_end") }
}
