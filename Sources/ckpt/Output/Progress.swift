import Synchronization

/// A line on the terminal that says how far long work is. Elsewhere nothing is shown.
final class Progress: Sendable {
    private struct State {
        var done = 0
        var nextLine: ContinuousClock.Instant
    }

    private let verb: String
    private let total: Int
    private let state: Mutex<State>
    private let isShown = CommandOutput.hasTerminal

    /// Begins work on `total` bytes, as in "verifying".
    init(_ verb: String, total: Int) {
        self.verb = verb
        self.total = total
        // What is done at once needs no line.
        state = Mutex(State(nextLine: .now + .milliseconds(300)))
    }

    deinit {
        if isShown { CommandOutput.show("") }
    }

    /// Adds bytes that are done.
    func advance(by byteCount: Int) {
        guard isShown else { return }
        let done: Int? = state.withLock { state in
            state.done += byteCount
            guard ContinuousClock.now >= state.nextLine else { return nil }
            state.nextLine = .now + .milliseconds(100)
            return min(state.done, total)
        }
        guard let done, total > 0 else { return }
        CommandOutput.show("\(verb) \(100 * done / total) % of \(HumanText.bytes(total))")
    }
}
