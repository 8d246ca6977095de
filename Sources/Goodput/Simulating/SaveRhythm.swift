/// What a launch that nothing disturbs does, moment by moment: it works for an interval, saves, and so on.
///
/// Since that repeats itself, what is done at any moment follows from a division, and an hour costs as little to simulate as
/// a year. Where saves go to local disks, n of them make a block, whose last one goes to shared storage too. A save that
/// is due while the one before is still being written waits for it first, as Lockstep's do.
struct SaveRhythm: Sendable {
    /// The work between two saves: whole steps.
    let interval: Double

    private let step: Double
    private let costs: SaveCosts
    private let hasLocalCopies: Bool

    /// How long a save to shared storage waits for the one before.
    private let flushWait: Double

    init(interval: Double, step: Double, costs: SaveCosts, hasLocalCopies: Bool = false) {
        self.step = step
        self.interval = max((interval / step).rounded(), 1) * step
        self.costs = costs
        self.hasLocalCopies = hasLocalCopies
        let count = Double(costs.flushEvery)
        flushWait = max(0, costs.lagSeconds - count * self.interval - (count - 1) * costs.stallSeconds)
    }

    /// What is done at a moment.
    struct Progress: Equatable {
        /// The seconds of work.
        var work: Double
        /// What of it is in a set on shared storage.
        var keptOnShared: Double
        /// What of it is in one on local disks; as on shared storage if there are no others.
        var keptLocally: Double
        /// How long the step that is being made still takes; 0 within a save.
        var restOfStep: Double
        /// How long the set that is being written still takes.
        var restOfWriting: Double
    }

    private var period: Double { interval + costs.stallSeconds }
    private var firstBlock: Double { Double(costs.flushEvery) * period + costs.flushStallSeconds }
    private var block: Double { firstBlock + flushWait }

    /// How many blocks are over at a moment; nothing is waited for in the first.
    private func blocks(at time: Double) -> Double {
        time < firstBlock ? 0 : ((time + flushWait) / block).rounded(.down)
    }

    private func end(ofBlock count: Double) -> Double { count == 0 ? 0 : count * block - flushWait }

    /// How many saves are over at a moment.
    func saves(at time: Double) -> Double {
        let blocks = blocks(at: time)
        let inBlock = ((time - end(ofBlock: blocks)) / period).rounded(.down)
        return blocks * Double(costs.flushEvery) + min(max(inBlock, 0), Double(costs.flushEvery - 1))
    }

    /// When the n-th save is over.
    func end(ofSave number: Double) -> Double {
        let blocks = (number / Double(costs.flushEvery)).rounded(.down)
        return end(ofBlock: blocks) + (number - blocks * Double(costs.flushEvery)) * period
    }

    /// What is done at a moment after the first step began.
    func progress(at time: Double) -> Progress {
        let saves = saves(at: time)
        let sinceSave = max(0, time - end(ofSave: saves))
        let working = min(sinceSave, interval)
        let count = Double(costs.flushEvery)
        let published = time < costs.lagSeconds ? 0 : blocks(at: time - costs.lagSeconds)
        let begun = blocks(at: time)
        let local = hasLocalCopies ? saves * interval : published * count * interval
        let stepsDone = (working / step).rounded(.down)
        return Progress(
            work: saves * interval + working, keptOnShared: published * count * interval,
            keptLocally: max(local, published * count * interval),
            restOfStep: sinceSave < interval ? min(step, interval) - (working - stepsDone * step) : 0,
            restOfWriting: begun > published ? max(0, end(ofBlock: begun) + costs.lagSeconds - time) : 0)
    }
}
