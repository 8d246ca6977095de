import Checkpoints
import Ciphers
import Collectives
import Files
import Logging
import SystemPackage
import Training

/// Lets a run carry on by its plan, and notes how it ended.
final class RunOwner: Callback {
    private let plan: RunPlan
    private let directory: FilePath
    private let files: any FileSystem

    /// What the run carried on from.
    private(set) var resumed: ResumedRun?

    /// How far it came.
    private(set) var position = RunPosition()

    /// The manifest of its newest set; nil if none was published.
    private(set) var published: FilePath?

    /// Whether it came to its end, or a callback ended it.
    private(set) var isComplete = false

    init(_ plan: RunPlan, directory: FilePath, files: any FileSystem) {
        self.plan = plan
        self.directory = directory
        self.files = files
    }

    override var hearsValidation: Bool { false }

    override func contribute(to runContext: RunContext) {
        runContext.resume { [unowned self, unowned runContext] in try carryOn(runContext) }
    }

    override func onTrainBegin(_ runContext: RunContext) {
        published = nil
        runContext.whenPublished { [unowned self] in published = $0.path }
    }

    private func carryOn(_ runContext: RunContext) throws {
        try runContext.meet()
        let place = runContext.directory(directory, on: files, key: plan.files.encryption?.key)
        try runContext.prepareDirectory(place, folder: nil)
        let resumption = RunResumption(
            context: runContext, logger: Logger(label: "Run"), allowedChanges: plan.allowedChanges)
        runContext.resumed = try resumption.resume(plan.resume, in: place)
    }

    override func onTrainEnd(_ runContext: RunContext) {
        resumed = runContext.resumed
        position = runContext.position
        isComplete = runContext.isComplete || runContext.isEndedByCallback
    }
}
