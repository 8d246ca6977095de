import Checkpoints
import Collectives
import Logging
import Networks
import Records
import Training

extension RunResumption {
    /// Throws on all ranks if a setting is not that of the saved run, and not allowed to be another.
    ///
    /// A schedule that is spread over more steps is no reason to refuse: a run is made longer by that.
    func refuseOtherSettings(than manifest: Manifest) throws {
        try context.world.together {
            guard context.world.rank == 0 else { return }
            let names = context.settings.names(with: manifest.checkpoint.record?.settings ?? [:])
            if let unknown = allowedChanges.subtracting(names).min() {
                throw ResumeError.unknownSetting(unknown, known: names.sorted())
            }
            let changes = changes(since: manifest).filter {
                !SettingName.changeable.contains($0.name) && !allowedChanges.contains($0.name)
            }
            guard changes.isEmpty else { throw ResumeError.otherSettings(set: manifest.name, changes) }
        }
    }

    /// Says what is another setting on purpose, gives it its place in the state that was loaded, and returns it on rank 0.
    func followSettings(of manifest: Manifest) throws -> [SettingChange] {
        let changes = changes(since: manifest)
        for change in changes {
            guard let warning = change.warning else {
                logger.info("carrying on from \(manifest.name), \(change)")
                continue
            }
            logger.warning("carrying on from \(manifest.name), \(warning)")
        }
        let isOther = changes.contains { allowedChanges.contains($0.name) }
        if try context.meet(bringing: isOther ? 1 : 0) == 1 { context.originalArgs().optimizer?.restoreSettings() }
        return changes
    }

    /// What differs, on rank 0.
    private func changes(since manifest: Manifest) -> [SettingChange] {
        guard context.world.rank == 0, let saved = manifest.checkpoint.record?.settings else { return [] }
        return context.settings.changes(since: saved)
    }
}
