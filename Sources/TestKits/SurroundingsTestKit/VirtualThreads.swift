import Files
import Foundation

/// Threads of which one runs at a time, and the clock that they wait by.
final class VirtualThreads: Sendable {
    private let monitor = Monitor()

    /// How much time has passed.
    var time: Duration { monitor.locked { $0.time } }

    /// Starts a thread, which runs once the running one waits.
    func start(_ name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let number = monitor.locked { $0.add(name) }
        let hasThread = SystemThread(name) { [self] in
            monitor.waitForTurn(of: number)
            body()
            monitor.end()
        }
        guard hasThread == nil else { return true }
        monitor.locked { $0.threads[number] = nil }
        return false
    }

    /// Opens a latch: whoever waits for it can go on.
    func open(_ latch: ObjectIdentifier) {
        monitor.locked { state in
            state.open.insert(latch)
            for (number, thread) in state.threads where thread.latch == latch {
                state.threads[number]?.isReady = true
                state.threads[number]?.isWoken = true
            }
        }
    }

    /// Forgets a latch that nobody can wait for any more.
    func forget(_ latch: ObjectIdentifier) { monitor.locked { _ = $0.open.remove(latch) } }

    /// Lets others run until a latch is open, or for so long; returns whether it is open.
    func wait(for latch: ObjectIdentifier, _ patience: Duration?) -> Bool {
        let isOpen = monitor.locked { state in
            guard !state.open.contains(latch) else { return true }
            state.threads[state.current]?.wait(for: latch, until: patience.map { state.time + $0 })
            return false
        }
        return isOpen ? true : monitor.pass()
    }

    /// Never goes on.
    func waitForEver() -> Never {
        monitor.locked { $0.threads[$0.current]?.wait(for: nil, until: nil) }
        _ = monitor.pass()
        fatalError("a thread that waits for ever goes on")
    }
}

/// A thread: running, able to, or waiting.
private struct VirtualThread {
    let name: String
    var isReady = true
    /// Whether its latch has let it go on, and not the clock.
    var isWoken = false
    var latch: ObjectIdentifier?
    /// When the clock lets it go on; nil for never.
    var end: Duration?

    mutating func wait(for latch: ObjectIdentifier?, until end: Duration?) {
        (self.latch, self.end) = (latch, end)
        (isReady, isWoken) = (false, false)
    }
}

/// What the threads share, under one lock.
private struct VirtualState {
    var time = Duration.zero
    /// By number, in the order of their beginning; 0 is the thread that made them.
    var threads = [0: VirtualThread(name: "main")]
    var current = 0
    var open: Set<ObjectIdentifier> = []
    private var lastNumber = 0
    /// Whose turn was last among those that can run.
    private var last = 0

    mutating func add(_ name: String) -> Int {
        lastNumber += 1
        threads[lastNumber] = VirtualThread(name: name)
        return lastNumber
    }

    /// Chooses who goes on: those that can, in turn; else the one whose time comes first.
    mutating func choose() {
        let numbers = threads.keys.sorted()
        let ready = numbers.filter { threads[$0]?.isReady == true }
        if let next = ready.first(where: { $0 > last }) ?? ready.first {
            (current, last) = (next, next)
            return
        }
        let timed = numbers.compactMap { number in threads[number]?.end.map { (end: $0, number: number) } }
        guard let next = timed.min(by: { ($0.end, $0.number) < ($1.end, $1.number) }) else {
            fatalError(
                "no thread can go on: \(threads.values.map(\.name).sorted().joined(separator: ", ")) wait for ever")
        }
        time = max(time, next.end)
        threads[next.number]?.isReady = true
        threads[next.number]?.end = nil
        (current, last) = (next.number, next.number)
    }
}

/// The lock, and the place where threads wait for their turn.
private final class Monitor: @unchecked Sendable {
    // Unchecked: the state is used under the condition's lock alone.
    private let condition = NSCondition()
    private var state = VirtualState()

    func locked<Result>(_ body: (inout VirtualState) -> Result) -> Result {
        condition.lock()
        defer { condition.unlock() }
        return body(&state)
    }

    /// Waits until a thread may run.
    func waitForTurn(of number: Int) {
        condition.lock()
        while state.current != number { condition.wait() }
        condition.unlock()
    }

    /// Lets others run until it is this thread's turn again; returns whether its latch is what let it go on.
    func pass() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let own = state.current
        state.choose()
        condition.broadcast()
        while state.current != own { condition.wait() }
        return state.threads[own]?.isWoken ?? false
    }

    /// Ends the running thread.
    func end() {
        condition.lock()
        defer { condition.unlock() }
        state.threads[state.current] = nil
        state.choose()
        condition.broadcast()
    }
}
