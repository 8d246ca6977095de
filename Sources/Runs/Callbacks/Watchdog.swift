public import Collectives
public import Files
import Stopping
public import SystemPackage
public import Training
import Watching

/// Ends a run that makes no progress, and says where its ranks are.
///
/// Put it first into the list of callbacks, so that it watches the others' saves at the end too, and train on the world
/// that ``watch(_:)`` returns, so that it knows what the ranks wait for:
///
/// ```swift
/// let watchdog = Watchdog(timeout: .seconds(300), directory: "out", exitCode: 75)
/// let model = try Model(network, …, world: watchdog.watch(world))
/// try model.fit(10, data, nil, callbacks: [watchdog, …])
/// ```
///
/// If a step of training or evaluation, with its callbacks and their saves, does not end within the timeout, every rank
/// leaves a report in `directory/hang`, and the lowest one prints all of them as one block on standard error. Then all
/// processes end with the exit code. What was published before is whole.
///
/// It begins to watch with the first step: loading is not watched. Time in which the process was stopped does not
/// count, and while a debugger holds a rank, nothing is reported.
public final class Watchdog: Callback {
    private let timeout: Duration
    private let directory: FilePath
    private let files: any FileSystem
    private let exitCode: Int32
    private let log = CollectiveLog()
    private var watch: HangWatch?
    private var thread: BackgroundPoll?

    /// Makes a watchdog.
    ///
    /// - Parameters:
    ///   - timeout: More than the longest step takes, together with a save.
    ///   - directory: A directory that all ranks see.
    ///   - exitCode: How the processes end.
    public init(
        timeout: Duration, directory: FilePath, exitCode: Int32, files: any FileSystem = LocalFileSystem()
    ) {
        precondition(timeout > .zero, "the watchdog's timeout is \(timeout); it must be positive")
        self.timeout = timeout
        self.directory = directory
        self.files = files
        self.exitCode = exitCode
    }

    /// The same ranks, whose collectives are noted.
    public func watch(_ world: any Communicator) -> any Communicator { WatchedCommunicator(world, log: log) }

    /// It has no need to hear validations: they are steps of the same loop.
    public override var hearsValidation: Bool { false }

    /// Introduces the ranks to each other.
    public override func onTrainBegin(_ runContext: RunContext) throws { try enlist(runContext) }

    /// Begins to watch.
    public override func onTrainStepBegin(_ runContext: RunContext) { watch?.watch(runContext.whereabouts) }

    /// Introduces the ranks to each other.
    public override func onEvalBegin(_ runContext: RunContext) throws { try enlist(runContext) }

    /// Begins to watch.
    public override func onEvalStepBegin(_ runContext: RunContext) { watch?.watch(runContext.whereabouts) }

    /// Watches no more.
    public override func exit(_ error: (any Error)?) -> Bool {
        (watch, thread) = (nil, nil)
        return false
    }

    private func enlist(_ runContext: RunContext) throws {
        (watch, thread) = (nil, nil)
        try runContext.meet()
        let surroundings = runContext.surroundings
        let crew = try HangCrew(of: runContext.world, in: surroundings)
        // Often enough to see when the process was stopped, and seldom enough to cost nothing.
        let interval = min(timeout / 10, .milliseconds(200))
        let folder = HangFolder(path: directory.appending("hang"), files: files.within(directory))
        let watch = HangWatch(
            crew, timeout: timeout, interval: interval, log: log, folder: folder, table: ProcessTable(in: surroundings))
        let begin = surroundings.now
        thread = BackgroundPoll("watchdog", every: interval, in: surroundings) { [directory, files, exitCode] in
            switch watch.tick(at: begin.duration(to: surroundings.now)) {
            case .goOn: return
            case .report(let block):
                StandardStream.error.offer("\(block)\n")
                RunStatus.noteFailure(block, in: directory, files: files, at: surroundings.date)
            case .leave: break
            }
            surroundings.endProcess(code: exitCode)
        }
        self.watch = watch
    }
}
