import Dispatch
import Files
import Glibc
import RandomTestKit

/// Threads of which one runs at a time, and the clock that they wait by.
///
/// A thread goes on until it waits or steps aside; then one of those that can goes on, in turn or as a seed decides. If none
/// can, the clock is turned to the first moment that somebody waits for. So whatever is run comes out the same each time.
///
/// No thread may hold a lock of the system while it waits here: whoever asked for that lock would have the turn, and keep it.
package final class Scheduler: @unchecked Sendable {
    // Unchecked: what changes is touched by the thread whose turn it is alone, and handing the turn over orders what one
    // writes before what the next one reads.

    /// How much time has passed.
    package private(set) var time = Duration.zero

    /// The thread that made it.
    package let first: Strand

    /// Whose turn it is.
    package private(set) var current: Strand

    /// Called when nobody can go on and nothing is due; it may wake or kill somebody.
    package var whenStuck: (() -> Void)?

    /// How often somebody was chosen.
    package private(set) var turnCount = 0

    /// Called each time before somebody is chosen; it may wake, pause or kill somebody, and must not wait.
    package var whenTurning: (() -> Void)?

    /// Whether an event is being dealt with: nobody can wait then.
    package private(set) var isChoosing = false

    private var ready = TurnQueue()
    private var timers = TimerQueue()
    private var generator: SeededGenerator?
    private var strands: [Int: [Strand]] = [:]
    private var lastNumber = 0
    private var pauses: [Int: Duration] = [:]

    /// When it began, if its time is that of the system, which nobody turns on.
    private let begin: ContinuousClock.Instant?

    /// Makes a scheduler whose first thread is the calling one; who goes on is decided by `seed`, or by turns.
    ///
    /// With `followsSystem` its time is real: for what is done beside other programs, which take theirs.
    package init(seed: UInt64? = nil, followsSystem: Bool = false) {
        begin = followsSystem ? .now : nil
        generator = seed.map(SeededGenerator.init)
        first = Strand(number: 0, name: "main", process: 0)
        current = first
        strands[0] = [first]
    }

    /// Starts a thread of a process, which runs once it is chosen; false if the system has none to give.
    package func start(
        _ name: String, process: Int = 0, stackByteCount: Int = SystemThread.usualStack,
        _ body: @escaping @Sendable () -> Void
    ) -> Strand? {
        lastNumber += 1
        let strand = Strand(number: lastNumber, name: name, process: process)
        let thread = SystemThread(nil, stackByteCount: stackByteCount) { [self] in
            strand.baton.wait()
            if !strand.isDead { body() }
            end(strand)
        }
        guard thread != nil else { return nil }
        strands[process, default: []].append(strand)
        ready.append(strand)
        return strand
    }

    /// Lets others go on before the running thread does.
    package func stepAside() {
        ready.append(current)
        pass()
    }

    /// Lets others go on until the running thread is woken, or until a moment; returns whether it was woken.
    package func wait(until end: Duration?) -> Bool {
        let own = current
        own.beginWaiting()
        if let end { timers.add(at: end, .wakes(own, ticket: own.ticket)) }
        pass()
        return own.isWoken
    }

    /// Lets a thread that waits go on.
    package func wake(_ strand: Strand) {
        if strand.endWaiting(isWoken: true) { ready.append(strand) }
    }

    /// Does something at a moment, on whatever thread chooses then. It must not wait.
    package func schedule(at moment: Duration, _ event: @escaping () -> Void) {
        timers.add(at: max(moment, time), .does(event))
    }

    /// Lets the threads of a process stand still until a moment, as one does that is stopped or starved.
    package func pause(process: Int, until end: Duration) { pauses[process] = max(pauses[process] ?? .zero, end) }

    /// Turns the clock on by what the running thread has worked.
    package func spend(_ duration: Duration) { time += duration }

    /// Ends all threads of a process where they stand, as a kill does: nothing of them runs any more. Of the running thread's own
    /// process it does not return, unless an event calls it.
    package func kill(process: Int) {
        for strand in strands[process] ?? [] where !strand.isDead {
            strand.isDead = true
            if strand.endWaiting(isWoken: false) { ready.append(strand) }
        }
        if current.isDead, !isChoosing { leave() }
    }

    /// The names of the threads that wait.
    package var waiting: [String] {
        strands.values.joined().filter(\.isWaiting).map(\.name).sorted()
    }
}

extension Scheduler {
    /// Hands the turn to whoever is chosen, and waits until it is this thread's again.
    private func pass() {
        let own = current
        let next = choose()
        if next !== own {
            hand(to: next)
            own.baton.wait()
        }
        if own.isDead { leave() }
    }

    private func hand(to next: Strand) {
        current = next
        next.baton.signal()
    }

    /// Chooses who goes on: one that can, else the one whose time comes first.
    private func choose() -> Strand {
        isChoosing = true
        defer { isChoosing = false }
        turnCount += 1
        whenTurning?()
        while true {
            followSystem()
            while let action = timers.next(dueBy: time) { perform(action) }
            if let next = ready.take(by: &generator) {
                if !isPaused(next) { return next }
            } else if let moment = timers.firstMoment {
                pass(until: moment)
            } else {
                whenStuck?()
                guard !ready.isEmpty || !timers.isEmpty else {
                    fatalError("no thread can go on: \(waiting.joined(separator: ", ")) wait for ever")
                }
            }
        }
    }

    private func followSystem() {
        if let begin { time = max(time, begin.duration(to: .now)) }
    }

    /// Lets time pass in which nobody can go on.
    private func pass(until moment: Duration) {
        guard begin != nil else {
            time = max(time, moment)
            return
        }
        let microseconds = (moment - time) / .microseconds(1)
        if microseconds > 0 { usleep(UInt32(min(microseconds, 100_000))) }
    }

    /// Whether a thread has to stand still; it is chosen again afterwards.
    private func isPaused(_ strand: Strand) -> Bool {
        guard !pauses.isEmpty, let end = pauses[strand.process], !strand.isDead else { return false }
        guard end > time else {
            pauses[strand.process] = nil
            return false
        }
        timers.add(at: end, .readies(strand))
        return true
    }

    private func perform(_ action: TimerQueue.Action) {
        switch action {
        case .does(let event): event()
        case .readies(let strand): ready.append(strand)
        case .wakes(let strand, let ticket):
            if strand.ticket == ticket, strand.endWaiting(isWoken: false) { ready.append(strand) }
        }
    }

    private func end(_ strand: Strand) {
        strands[strand.process]?.removeAll { $0 === strand }
        hand(to: choose())
    }

    /// Ends the running thread where it stands. What it holds on to is lost, as the memory of a process that is killed.
    private func leave() -> Never {
        end(current)
        pthread_exit(nil)
    }
}
