import Checkpoints
import Collectives
import Training

extension ModelCheckpoint {
    /// A text, the same on all ranks.
    func text(_ text: RunText, in context: RunContext) throws -> String {
        guard case .computed(let compute) = text else { return fixedText(text) }
        let own = context.world.rank == 0 ? compute(context.originalArgs()) : ""
        return try context.world.broadcast(own, from: 0)
    }

    private func fixedText(_ text: RunText) -> String {
        guard case .fixed(let text) = text else { fatalError("a text that is not fixed") }
        return text
    }

    /// What the state of now is called.
    func name(in directory: CheckpointDirectory, _ session: SaveSession, isBreakpoint: Bool) throws -> String {
        if case .computed = prefix {
            let name = try text(prefix, in: session.context)
            try ModelCheckpointError.check(prefix: name)
            return name + (isBreakpoint ? CheckpointName.breakpointSuffix : "")
        }
        let known = isBreakpoint ? session.breakpointPrefix : session.prefix
        let settled = try known ?? settlePrefix(in: directory, session, isBreakpoint: isBreakpoint)
        let position = session.context.position
        // Before the first step the epoch that was begun is all there is to say.
        let epoch = position.step == 0 ? session.context.originalArgs().curEpochNum ?? 0 : position.epoch
        return CheckpointName(
            prefix: settled, epoch: epoch, stepInEpoch: position.step == 0 ? 0 : position.stepInEpoch,
            isBreakpoint: isBreakpoint
        ).text
    }

    /// Finds a prefix that is not in use, once a run and kind of name: rank 0 looks for all.
    private func settlePrefix(
        in directory: CheckpointDirectory, _ session: SaveSession, isBreakpoint: Bool
    ) throws -> String {
        let world = session.context.world
        let family = PrefixFamily(prefix: fixedText(prefix))
        var settled = family.prefix
        if case .fixed = self.directory {
            let folders = (0..<world.size).flatMap { self.folders(ofRank: $0, of: world.size) }
            let own = try world.together {
                guard world.rank == 0 else { return "" }
                let published = try directory.publishedNames()
                let files = try directory.checkpointNames(inFolders: folders)
                return family.prefix(
                    amid: published + files.map(setName(ofFile:)), breakpoints: isBreakpoint,
                    carryingOn: session.carriesOn
                        ? try directory.names(ofRun: session.context.branch.run, in: family) : [])
            }
            settled = try world.broadcast(own, from: 0)
        }
        if isBreakpoint { session.breakpointPrefix = settled } else { session.prefix = settled }
        return settled
    }

    /// The folder in which a rank writes, below the directory; "" if it is the directory.
    func folder(ofRank rank: Int, of ranks: Int) -> String {
        let parts = filePath(of: "name", rank: rank, ranks: ranks).split(separator: "/").dropLast()
        return parts.joined(separator: "/")
    }
}
