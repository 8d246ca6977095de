import CProcessor
import Glibc
import Synchronization

/// A number that threads wait on: they watch it for a moment, then sleep until it changes.
@safe final class Gate: @unchecked Sendable {
    // Unchecked: the mutex and the condition are C structures, used through their own functions only.
    private let value = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    // About 30 µs: longer than most pauses between two kernels, shorter than it hurts when ranks share a core.
    private static let spins = 2000

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Adds to the number and wakes whoever sleeps on it.
    func change(by difference: Int) {
        // The sleeper counts itself, then looks at the number; here it is the other way round. With one order of all
        // four for every thread, one of the two sees the other: no change is slept through.
        value.add(difference, ordering: .sequentiallyConsistent)
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        unsafe pthread_mutex_lock(mutex)
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Waits until the number is one that `isAwaited` accepts, and returns it.
    @discardableResult
    func wait(until isAwaited: (Int) -> Bool) -> Int {
        for _ in 0..<Self.spins {
            let number = value.load(ordering: .acquiring)
            if isAwaited(number) { return number }
            lockstep_relax()
        }
        return sleep(until: isAwaited)
    }

    private func sleep(until isAwaited: (Int) -> Bool) -> Int {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        sleepers.add(1, ordering: .sequentiallyConsistent)
        defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
        while true {
            let number = value.load(ordering: .sequentiallyConsistent)
            if isAwaited(number) { return number }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }
}
