import Checkpoints
import Collectives
import Execution
import Files
import Graphs
import Logging
import Stopping
import Training

extension RunContext {
    /// What saves for all callbacks of this run.
    var checkpointSaver: CheckpointSaver {
        if let saver = saver as? CheckpointSaver { return saver }
        let saver = CheckpointSaver(self)
        self.saver = saver
        return saver
    }
}

/// Publishes the checkpoints of one run, whichever callback asks for them, all ranks together: at once, or while the run
/// goes on.
///
/// In the background only files are written; all that the ranks do together happens in the calls below, since MPI is
/// for the main thread alone. One save of a run is under way at most: whoever saves next publishes it first.
final class CheckpointSaver {
    private unowned let context: RunContext
    private var pending: Pending?

    private struct Pending {
        let publisher: CheckpointPublisher
        let set: CheckpointPublisher.PendingSet
        let writing: BackgroundWork<[ManifestFile]>
        let begin: ContinuousClock.Instant
        let logger: Logger
        let whenPublished: (Manifest) -> Void
    }

    fileprivate init(_ context: RunContext) {
        self.context = context
    }

    /// Publishes a set of files of each rank, and of files that rank 0 gathers.
    func save(
        _ set: CheckpointSet, files: [CheckpointFile], gathered: [GatheredFile], in directory: CheckpointDirectory,
        logger: Logger
    ) throws -> Manifest {
        precondition(pending == nil, "a save is begun while another one is under way")
        let begin = context.surroundings.now
        let publisher = publisher(directory)
        let published = try measure(ProfileLabel(.save, "save", detail: set.name)) {
            let begun = try self.begin(set, files: files, gathered: gathered, by: publisher)
            return try publisher.finish(begun, written: Result { try publisher.write(begun) })
        }
        return note(published, in: directory, logger: logger, since: begin)
    }

    /// Begins to write a set; ``finish()`` publishes it and tells `whenPublished`. What the plan writes must not change
    /// until then.
    func begin(
        _ set: CheckpointSet, _ plan: SavePlan, in directory: CheckpointDirectory, logger: Logger,
        whenPublished: @escaping (Manifest) -> Void
    ) throws {
        precondition(pending == nil, "a save is begun while another one is under way")
        let begin = context.surroundings.now
        let publisher = publisher(directory)
        let begun = try measure(ProfileLabel(.save, "begin to save", detail: set.name)) {
            try self.begin(set, files: plan.files, gathered: plan.gathered, by: publisher)
        }
        let writing = BackgroundWork("checkpoint", in: context.surroundings) { [profile] in
            try profile.measure(ProfileLabel(.save, "write files", detail: set.name), on: .files) {
                try publisher.write(begun)
            }
        }
        pending = Pending(
            publisher: publisher, set: begun, writing: writing, begin: begin, logger: logger,
            whenPublished: whenPublished)
    }

    /// Whatever is saved from now on follows this set, of which the state is fixed now.
    private func begin(
        _ set: CheckpointSet, files: [CheckpointFile], gathered: [GatheredFile], by publisher: CheckpointPublisher
    ) throws -> CheckpointPublisher.PendingSet {
        let begun = try publisher.begin(set, files: files, gathered: gathered)
        context.branch = RunBranch(after: begun.header, in: context.surroundings)
        return begun
    }

    private var profile: Profile? { context.profile }

    /// What the run stands still for.
    private func measure<Result>(
        _ label: @autoclosure () -> ProfileLabel, _ body: () throws -> Result
    ) rethrows -> Result {
        try context.clock.counting(as: \.saves) { try profile.measure(label(), body) }
    }

    /// Whether a save was begun that is not published; the same on all ranks.
    var isPending: Bool { pending != nil }

    /// Whether this rank is still writing.
    var isWriting: Bool { pending.map { !$0.writing.isDone } ?? false }

    /// Waits for the save under way and publishes it, all ranks together. Throws on all ranks if a rank could not write.
    func finish() throws {
        guard let pending else { return }
        let published = try measure(ProfileLabel(.save, "await and publish")) {
            let written = pending.writing.wait()
            self.pending = nil
            return try pending.publisher.finish(pending.set, written: written)
        }
        let manifest = note(
            published, in: pending.publisher.directory, logger: pending.logger, since: pending.begin,
            isAsynchronous: true)
        pending.whenPublished(manifest)
    }

    /// Waits for the save under way without publishing it, where the ranks cannot reach each other any more.
    func abandon() {
        guard let pending else { return }
        _ = pending.writing.wait()
        self.pending = nil
    }

    private func publisher(_ directory: CheckpointDirectory) -> CheckpointPublisher {
        CheckpointPublisher(directory, world: context.world, branch: context.branch, surroundings: context.surroundings)
    }

    private func note(
        _ published: CheckpointPublisher.Published, in directory: CheckpointDirectory, logger: Logger,
        since begin: ContinuousClock.Instant, isAsynchronous: Bool = false
    ) -> Manifest {
        if let warning = published.warning { logger.warning("\(warning)") }
        context.didPublish(
            PublishedSet(
                manifest: published.manifest, directory: directory.path,
                duration: begin.duration(to: context.surroundings.now), isAsynchronous: isAsynchronous))
        return published.manifest
    }
}
