import Checkpoints
import Files
import Graphs
import Runs
import Stopping
import SystemPackage
import Testing
import Training

/// A subclass of ``ModelCheckpoint`` as somebody writes it outside the library.
private final class WeightsOnly: ModelCheckpoint {
    var published: [String] = []

    override func filePath(of name: String, rank: Int, ranks: Int) -> String {
        "weights/rank_\(rank)/\(name).\(config.format.rawValue)"
    }

    override var savesOptimizer: Bool { false }

    override func isSaved(_ name: String) -> Bool { !name.hasSuffix("bias") }

    override func extras(_ context: RunContext) -> [(name: String, value: CheckpointValue)] {
        super.extras(context) + [("written_by", .text("somebody"))]
    }

    override func didPublish(
        _ manifest: Manifest, in directory: CheckpointDirectory, after time: Duration, _ context: RunContext
    ) {
        published.append(manifest.name)
    }
}

struct OwnModelCheckpointTests {
    private let folder = TestRunFolder()

    @Test func aSubclassSaysWhatIsSavedAndWhere() throws {
        let path = folder.path("out")
        let saves = try WeightsOnly(
            prefix: "W", directory: path.string, config: CheckpointConfig(saveCheckpointSteps: 2))
        let run = try Run(in: path.string, plan: RunPlan(stops: StopPlan()))
        try run.fit(smallModel(), epochs: 1, smallLoader(steps: 4, batchSize: 6), callbacks: [saves])
        #expect(saves.published == ["W-1_2", "W-1_4"])
        let file = path.appending("weights/rank_0/W-1_4.ckpt")
        let reader = try CheckpointFormats.open(LocalFileSystem().open(file))
        let names = Set(reader.entries.map(\.name))
        #expect(names.contains("written_by") && !names.contains { $0.hasSuffix("bias") || $0.hasPrefix("adam") })
        #expect(names.count > 1)
        // It is no state to carry on from, so the run goes on from that of its end.
        #expect(try folder.train(in: "out", RunPlan(stops: StopPlan())).outcome.resumed?.name == "Net_train")
    }
}
