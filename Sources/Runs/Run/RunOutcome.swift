public import Stopping
public import SystemPackage
public import Training

/// How a run went in this launch.
public struct RunOutcome: Sendable {
    /// What it carried on from; nil if it began anew.
    public let resumed: ResumedRun?

    /// How far it came.
    public let position: RunPosition

    /// Whether it is finished: all steps are made, or a callback has ended it.
    public let isComplete: Bool

    /// The request that stopped it; nil if none did.
    public let stop: AgreedStop?

    /// The manifest of the newest set that it published; nil if it published none.
    public let published: FilePath?

    /// The manifest of the set that holds the state it ended with, where it leaves one at a stop or at its end.
    public let checkpoint: FilePath?

    /// Whether the same program carries it on: it was stopped, and its state is saved.
    public var isToBeCarriedOn: Bool { !isComplete && stop != nil && published != nil }

    init() {
        self.init(resumed: nil, position: RunPosition(), isComplete: false, stop: nil, published: nil, checkpoint: nil)
    }

    init(stoppedEarly stop: AgreedStop) {
        self.init(resumed: nil, position: RunPosition(), isComplete: false, stop: stop, published: nil, checkpoint: nil)
    }

    init(_ owner: RunOwner, _ exit: OnRequestExit) {
        self.init(
            resumed: owner.resumed, position: owner.position, isComplete: owner.isComplete, stop: exit.stop,
            published: owner.published,
            checkpoint: exit.published ?? (owner.isComplete && exit.savesCompleted ? exit.manifestPath : nil))
    }

    private init(
        resumed: ResumedRun?, position: RunPosition, isComplete: Bool, stop: AgreedStop?, published: FilePath?,
        checkpoint: FilePath?
    ) {
        self.resumed = resumed
        self.position = position
        self.isComplete = isComplete
        self.stop = stop
        self.published = published
        self.checkpoint = checkpoint
    }
}
