package import Collectives
import Files
package import SurroundingsTestKit

/// How the process of a simulated rank has ended.
package enum RankEnd: Sendable, Equatable {
    /// It has ended by itself.
    case exited(Int32)
    /// It was killed, or its host was lost.
    case killed
}

/// The processes of one launch: ranks that begin together, until the last of them has ended.
///
/// Its maker is the first thread of the scheduler, which waits meanwhile.
package final class RankProcesses: @unchecked Sendable {
    // Unchecked: used by the thread whose turn it is alone.
    package let scheduler: Scheduler
    package let ranks: Int

    /// How each rank has ended; nil of one that goes on.
    package private(set) var ends: [RankEnd?]

    /// Who waited for whom when nobody could go on any more; empty if that never happened.
    package private(set) var stuck: [CollectiveWait] = []

    /// Whether somebody will still end ranks that wait for others, so that nobody waits for ever.
    package var mayEndOthers: () -> Bool = { false }

    /// Called when a rank has ended.
    package var whenEnded: (Int, RankEnd) -> Void = { _, _ in }

    let exchange: Exchange

    /// Up to so many waiting threads the system needs no preparation.
    private static let fewRanks = 64

    private let firstProcess: Int
    private let launcher: Strand
    private var aliveCount: Int

    /// Prepares a launch. Its processes are numbered from `firstProcess` on, which is 1 at least.
    package init(_ scheduler: Scheduler, ranks: Int, firstProcess: Int = 1) {
        self.scheduler = scheduler
        self.ranks = ranks
        self.firstProcess = firstProcess
        launcher = scheduler.first
        ends = Array(repeating: nil, count: ranks)
        aliveCount = ranks
        exchange = Exchange(scheduler)
    }

    /// How long what one rank sends takes to reach another.
    package func setDelay(_ delay: @escaping (_ sender: Int, _ receiver: Int) -> Duration) { exchange.delay = delay }

    /// The number of a rank's process.
    package func process(of rank: Int) -> Int { firstProcess + rank }

    /// Whether a process is one of this launch.
    func holds(_ process: Int) -> Bool { (firstProcess..<firstProcess + ranks).contains(process) }

    /// Lets all ranks run `body`, which returns the code that the process ends with, and waits until all have ended.
    ///
    /// - Returns: false if the system has not enough threads; then no rank has run.
    package func run(
        stackByteCount: Int, _ body: @escaping @Sendable (_ rank: Int, _ world: any Communicator) -> Int32
    ) -> Bool {
        guard start(stackByteCount: stackByteCount, body) else { return false }
        waitForEnd()
        return true
    }

    /// Lets all ranks begin with `body` once it is their turn.
    ///
    /// - Returns: false if the system has not enough threads; then no rank will run.
    package func start(
        stackByteCount: Int, _ body: @escaping @Sendable (_ rank: Int, _ world: any Communicator) -> Int32
    ) -> Bool {
        exchange.whenWaiting = { [unowned self] in lookWhetherStuck() }
        if ranks > Self.fewRanks { SystemThread.prepare(forWaiting: 2 * ranks) }
        let world = Group(name: "world", members: Array(0..<ranks))
        for rank in 0..<ranks {
            let strand = scheduler.start("rank \(rank)", process: process(of: rank), stackByteCount: stackByteCount) {
                [self] in
                let code = body(rank, SimulatedCommunicator(world, rank: rank, on: exchange))
                end(rank, .exited(code))
            }
            guard strand != nil else {
                for started in 0..<rank { scheduler.kill(process: process(of: started)) }
                aliveCount = 0
                return false
            }
        }
        return true
    }

    /// Waits until all ranks have ended.
    package func waitForEnd() {
        while aliveCount > 0 { _ = scheduler.wait(until: nil) }
        // Threads that have been told to end do so before the world is gone.
        _ = scheduler.wait(until: scheduler.time)
    }

    /// Ends a rank where it stands. If the running thread belongs to it, this does not return, unless an event calls it.
    package func kill(_ rank: Int) {
        guard ends[rank] == nil else { return }
        note(rank, .killed)
        scheduler.kill(process: process(of: rank))
    }

    /// Notes that a rank has ended by itself; its other threads end too.
    package func end(_ rank: Int, _ end: RankEnd) {
        guard ends[rank] == nil else { return }
        note(rank, end)
        // As an event: those of its threads that were told to end do so first, and let go of what they have.
        scheduler.schedule(at: scheduler.time) { [self] in scheduler.kill(process: process(of: rank)) }
    }

    private func note(_ rank: Int, _ end: RankEnd) {
        ends[rank] = end
        aliveCount -= 1
        exchange.forget(rank)
        whenEnded(rank, end)
        if aliveCount == 0 { scheduler.wake(launcher) } else { lookWhetherStuck() }
    }

    /// If all ranks that are left wait for others, nobody will ever go on.
    private func lookWhetherStuck() {
        guard isStuck else { return }
        scheduler.schedule(at: scheduler.time) { [self] in
            guard isStuck else { return }
            stuck = exchange.waits.values.sorted { $0.rank < $1.rank }
            for rank in 0..<ranks { kill(rank) }
        }
    }

    private var isStuck: Bool { aliveCount > 0 && exchange.waits.count == aliveCount && !mayEndOthers() }
}
