import AllocationCounter
import Collectives
import Kernels
import LayerKernels
import Memory
import Synchronization
import Testing

@testable import Execution
@testable import Graphs
@testable import LayerOperations

@Suite struct AllocationTests {
    @Test func counterSeesAnArray() {
        allocation_counter_start()
        let array = [Int](repeating: 1, count: 100)
        let count = allocation_counter_stop()
        #expect(count == 1 && array.count == 100)
    }

    @Test func counterSeesTheOtherThreadsOfAPool() {
        let backend = CPUBackend(threads: 2)
        let count = allocations(on: backend) {
            backend.pool.forEach(2, with: Kept()) { kept, index in kept.arrays.withLock { $0[index] = [Int](0..<100) } }
        }
        // The two arrays, and the object that keeps them with its dictionary.
        #expect(count >= 4)
    }

    @Test(arguments: [1, 2], [nil, "data"]) func trainingStepAllocatesNothing(threads: Int, group: String?) throws {
        let step = LeNetStep(batch: 8, group: group)
        let backend = CPUBackend(threads: threads)
        let program = Program(step.graph, on: backend, groups: ["data": SoloCommunicator()])
        // Two steps to warm up: the memory that threads lend to kernels grows to what they need.
        for _ in 0..<2 { _ = try program.outputs(for: step.inputs(seed: 1)) }
        let count = try allocations(on: backend) { for _ in 0..<3 { try program.run() } }
        #expect(count == 0)
    }

    /// Means over rows and columns are kept of a matrix, and how they are taken is worked out in a step.
    @Test func aStepOfAdafactorAllocatesNothing() {
        let backend = CPUBackend(threads: 1)
        let (p, rows, columns) = (Slice<Float>(zeros: 12), Slice<Float>(zeros: 3), Slice<Float>(zeros: 4))
        let (moment, gradient) = (Slice<Float>(zeros: 12), Slice<Float>(zeros: 12))
        func take() {
            var p = p.mutableSpan
            var rows = rows.mutableSpan
            var columns = columns.mutableSpan
            var moment = moment.mutableSpan
            adafactorUpdate(
                &p, rowSquares: &rows, columnSquares: &columns, moment: &moment, gradient: gradient.span, matrices: 1,
                rows: 3, columns: 4, step: AdafactorStep(learningRate: 0.1, step: 2), pool: backend.pool)
        }
        take()
        #expect(allocations(on: backend, take) == 0)
    }
}

private final class Kept: Sendable {
    let arrays = Mutex<[Int: [Int]]>([:])
}

private final class Total: Sendable {
    let count = Atomic(0)
}

/// How often `body` allocates, on this thread and on the others of `backend`.
private func allocations(on backend: CPUBackend, _ body: () throws -> Void) rethrows -> Int {
    let total = Total()
    // As many indices as threads: each thread runs one. The same context twice, so that its types exist by then.
    backend.pool.forEach(backend.threads, with: total) { _, _ in allocation_counter_start() }
    try body()
    backend.pool.forEach(backend.threads, with: total) { total, _ in
        total.count.add(allocation_counter_stop(), ordering: .relaxed)
    }
    return total.count.load(ordering: .relaxed)
}
