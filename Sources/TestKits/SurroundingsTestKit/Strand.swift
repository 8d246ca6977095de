import Dispatch

/// A thread of a scheduler: running, able to, or waiting.
package final class Strand: @unchecked Sendable {
    // Unchecked: used by the thread whose turn it is alone.
    package let name: String

    /// The process that it belongs to.
    package let process: Int

    let number: Int
    /// Given to the thread when it is its turn.
    let baton = DispatchSemaphore(value: 0)
    var isDead = false
    private(set) var isWaiting = false
    /// Whether somebody has let it go on, and not the clock.
    private(set) var isWoken = false
    /// Tells one waiting from another: the time of an earlier one wakes nobody.
    private(set) var ticket = 0

    init(number: Int, name: String, process: Int) {
        self.number = number
        self.name = name
        self.process = process
    }

    func beginWaiting() {
        ticket += 1
        isWaiting = true
        isWoken = false
    }

    /// Returns whether it was waiting.
    func endWaiting(isWoken: Bool) -> Bool {
        guard isWaiting else { return false }
        isWaiting = false
        self.isWoken = isWoken
        return true
    }
}
