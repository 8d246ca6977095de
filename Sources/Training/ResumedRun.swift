public import Checkpoints
public import SystemPackage

/// What a run carried on from.
public struct ResumedRun: Sendable, Equatable {
    /// The directory of the set.
    public let directory: FilePath

    /// The name of the set.
    public let name: String

    /// How far the saved run was.
    public let position: RunPosition

    /// Whether it had come to its planned end.
    public let finished: Bool

    /// Why it was saved.
    public let cause: SaveCause

    /// The settings that are others than the saved run's, of those that may be; known on rank 0.
    public let changes: [SettingChange]

    /// Describes what a run carried on from.
    package init(
        directory: FilePath, name: String, position: RunPosition, finished: Bool, cause: SaveCause,
        changes: [SettingChange]
    ) {
        self.directory = directory
        self.name = name
        self.position = position
        self.finished = finished
        self.cause = cause
        self.changes = changes
    }

    /// The manifest of the set.
    public var manifest: FilePath { directory.appending(SetNames.manifest(of: name)) }
}
