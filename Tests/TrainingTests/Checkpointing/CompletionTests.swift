import Checkpoints
import CheckpointsTestKit
import Files
import Runs
import SystemPackage
import Testing
import Training

/// What a run that has made all its steps leaves.
struct CompletionTests {
    private let run = SavingRun()

    private func makeExit(in run: SavingRun) throws -> OnRequestExit {
        try OnRequestExit(
            saveMindIR: false, directory: output.string, signals: [], savesCompleted: true, files: run.disk)
    }

    private func file(of run: SavingRun) throws -> [UInt8] {
        try run.disk.contents(of: output.appending("rank_0/Net_train.ckpt"), limit: 1 << 20)
    }

    private func manifest() throws -> Manifest? {
        try CheckpointDirectory(output, fileSystem: run.disk).manifest(named: "Net_train")
    }

    /// A stop in the last step whose save failed leaves the sets of ModelCheckpoint alone.
    @Test func theSetOfTheEndIsMadeUpForWhereOnlyAnotherSetHasTheLastStep() throws {
        try run.train([run.checkpoint()])
        let exit = try makeExit(in: run)
        try run.train([exit, run.checkpoint()])
        #expect(exit.resumed?.name == "CKP-3_4")
        #expect(exit.published == exit.manifestPath)
        #expect(try manifest()?.checkpoint.progress.finished == true)
        let undisturbed = SavingRun()
        try undisturbed.train([makeExit(in: undisturbed)])
        #expect(try file(of: run) == file(of: undisturbed))
    }

    /// The set of ModelCheckpoint is newer: it is saved behind that of the exit.
    @Test func theSetOfTheEndIsMadeOnceBesideAnotherOfTheLastStep() throws {
        let config = try CheckpointConfig(saveCheckpointSteps: 100)
        try run.train([makeExit(in: run), run.checkpoint(config)])
        let first = try manifest()
        let exit = try makeExit(in: run)
        try run.train([exit, run.checkpoint(config)])
        #expect(exit.resumed?.name == "CKP-3_4" && exit.published == nil)
        #expect(try manifest() == first)
    }

    @Test func theSetOfTheEndIsMadeOnce() throws {
        try run.train([makeExit(in: run)])
        let first = try manifest()
        #expect(first?.checkpoint.progress.finished == true)
        let exit = try makeExit(in: run)
        try run.train([exit])
        #expect(exit.published == nil)
        #expect(try manifest() == first)
    }
}
