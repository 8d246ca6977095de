import Checkpoints
import Ciphers
import Collectives
import Drills
import Files
import Stopping
import SystemPackage

extension RunPlan {
    private func saves(on occasion: SaveOccasion) -> Bool { saves.contains(occasion) }

    /// What stops the run and saves then.
    func makeExit(
        in directory: FilePath, _ files: any FileSystem, warned: GivenWarnings
    ) throws -> OnRequestExit {
        let exit = try OnRequestExit(
            saveCkpt: saves(on: .onStop) || saves(on: .atEnd), saveMindIR: mindIR != nil, fileName: name,
            directory: directory.text,
            signals: stops.signals, configFile: stops.configFile?.text, resume: .never,
            savesCompleted: saves(on: .atEnd), form: self.files, stopping: stops.options(runDirectory: directory),
            mindIR: mindIR ?? MindIROptions(), files: files)
        exit.warned = warned
        let (isSaved, isExported) = (saves(on: .onStop), mindIR != nil)
        // MindSpore's callback leaves nothing where another one has asked.
        exit.savesStop = { isSaved && $0 == .callback || (isSaved || isExported) && $0.isUrgent }
        return exit
    }

    /// What saves while the run goes on; nil if nothing does.
    func makeModelCheckpoint(in directory: FilePath, _ files: any FileSystem) throws -> ModelCheckpoint? {
        let schedule = try schedule()
        guard schedule != .never || saves(on: .onError) else { return nil }
        let config = try CheckpointConfig(
            schedule: schedule, retention: keep, form: self.files, exceptionSave: saves(on: .onError))
        return try ModelCheckpoint(prefix: prefix, directory: directory.text, config: config, files: files)
    }

    /// What does the drills of a rank; nil without drills.
    func makeDrillRunner(
        in directory: FilePath, world: any Communicator, _ files: any FileSystem, _ surroundings: any Surroundings
    ) throws(DrillError) -> DrillRunner? {
        guard !drills.isEmpty else { return nil }
        return try DrillRunner(
            drills, rank: world.rank, of: world.size, configFile: stops.configFile, runDirectory: directory,
            files: files,
            surroundings: surroundings)
    }
}
