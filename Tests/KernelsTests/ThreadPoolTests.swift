import Foundation
import Kernels
import Synchronization
import Testing

struct ThreadPoolTests {
    @Test(arguments: [1, 2, 3, 7], [0, 1, 2, 3, 6, 7, 8, 100])
    func everyIndexRunsOnce(threads: Int, count: Int) {
        let pool = ThreadPool(threads: threads)
        let runs = Mutex([Int](repeating: 0, count: count))
        for _ in 0..<20 {
            pool.forEach(count) { index in runs.withLock { $0[index] += 1 } }
        }
        #expect(runs.withLock { $0 } == [Int](repeating: 20, count: count))
    }

    @Test func contextReachesEveryIndex() {
        let pool = ThreadPool(threads: 3)
        let sum = Counter()
        pool.forEach(10, with: (sum, 7)) { context, index in context.0.value.add(context.1 * index, ordering: .relaxed)
        }
        #expect(sum.value.load(ordering: .relaxed) == 7 * 45)
    }

    @Test(arguments: [2, 3])
    func eachIndexHasItsThread(threads: Int) {
        let pool = ThreadPool(threads: threads)
        let first = threadOfEachIndex(pool, count: 10)
        #expect(Set(first).count == threads)
        #expect(first.first == pthread_self())
        for _ in 0..<50 { #expect(threadOfEachIndex(pool, count: 10) == first) }
    }

    private func threadOfEachIndex(_ pool: ThreadPool, count: Int) -> [pthread_t] {
        let found = Mutex([pthread_t](repeating: 0, count: count))
        pool.forEach(count) { index in found.withLock { $0[index] = pthread_self() } }
        return found.withLock { $0 }
    }

    @Test func nestedCallsRunInline() {
        let pool = ThreadPool(threads: 3)
        let strangers = Counter()
        let calls = Counter()
        pool.forEach(6) { _ in
            let outer = pthread_self()
            pool.forEach(4) { _ in
                calls.value.add(1, ordering: .relaxed)
                if pthread_self() != outer { strangers.value.add(1, ordering: .relaxed) }
            }
        }
        #expect(calls.value.load(ordering: .relaxed) == 24)
        #expect(strangers.value.load(ordering: .relaxed) == 0)
    }

    @Test func aPoolMayBeUsedInsideAnother() {
        let outer = ThreadPool(threads: 2)
        let inner = ThreadPool(threads: 2)
        let calls = Counter()
        for _ in 0..<20 {
            outer.forEach(2) { _ in
                inner.forEach(5) { _ in calls.value.add(1, ordering: .relaxed) }
                outer.forEach(5) { _ in calls.value.add(1, ordering: .relaxed) }
            }
        }
        #expect(calls.value.load(ordering: .relaxed) == 400)
    }

    @Test func callersFromSeveralThreadsTakeTurns() async {
        let pool = ThreadPool(threads: 2)
        let inside = Counter()
        let overlaps = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<100 {
                        pool.withScratch(8) { scratch in
                            if inside.value.add(1, ordering: .relaxed).oldValue != 0 {
                                overlaps.value.add(1, ordering: .relaxed)
                            }
                            scratch[0] = 1
                            pool.forEach(2) { _ in }
                            inside.value.subtract(1, ordering: .relaxed)
                        }
                    }
                }
            }
        }
        #expect(overlaps.value.load(ordering: .relaxed) == 0)
    }

    @Test func workersThatFellAsleepWakeUp() {
        let pool = ThreadPool(threads: 2)
        let calls = Counter()
        for _ in 0..<20 {
            usleep(2000)  // longer than a worker spins
            pool.forEach(2) { _ in calls.value.add(1, ordering: .relaxed) }
        }
        #expect(calls.value.load(ordering: .relaxed) == 40)
    }

    @Test func scratchIsKeptAndNotShared() {
        let pool = ThreadPool(threads: 2)
        pool.withScratch(100) { outer in
            outer[99] = 1
            pool.withScratch(100) { inner in
                inner[99] = 2
                pool.forEach(2) { index in
                    pool.withScratch(100) { scratch in scratch[99] = Float(3 + index) }
                }
                #expect(inner[99] == 2)
            }
            #expect(outer[99] == 1)
        }
        // Same level, same thread: the same memory, also for fewer numbers.
        #expect(pool.withScratch(100) { $0[99] } == 1)
        #expect(pool.withScratch(50) { $0.count } == 50)
        #expect(pool.withScratch(0) { $0.count } == 0)
    }

    @Test func workersEndWithTheirPool() throws {
        let before = try threadCount()
        for _ in 0..<300 { ThreadPool(threads: 4).forEach(4) { _ in } }
        // 900 workers were started; tests beside this one have a few of their own.
        #expect(try threadCount() - before < 300)
    }

    private func threadCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }
}

/// A number that several threads may change.
private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}
