public import SystemPackage

/// The ways to ask a run to stop, beside signals, the configuration file and callbacks.
public struct StopOptions: Sendable {
    /// The directory of the run, if halt requests are looked for in it.
    public var runDirectory: FilePath?

    /// When the run is to have saved and ended; the first of them counts.
    public var deadlines: [Deadline]

    /// What else can ask, such as a ``LauncherWatch`` and a ``NoticeWatch``.
    public var sources: [any StopSource & Sendable]

    /// How often files are looked at, on a thread of their own. With zero they are looked at after every step: what is
    /// written during a step then stops the run after that very step, as in MindSpore, and every step waits for the disk.
    public var pollInterval: Duration

    /// How long the launcher lets the ranks go on when it is told to end them: a state that takes longer to save gets a warning.
    public var launcher: LauncherLimit?

    /// Chooses ways; none of them by default.
    public init(
        runDirectory: FilePath? = nil, deadlines: [Deadline] = [], sources: [any StopSource & Sendable] = [],
        pollInterval: Duration = .milliseconds(250), launcher: LauncherLimit? = nil
    ) {
        self.runDirectory = runDirectory
        self.deadlines = deadlines
        self.sources = sources
        self.pollInterval = pollInterval
        self.launcher = launcher
    }
}
