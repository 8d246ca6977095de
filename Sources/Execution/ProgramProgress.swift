import Graphs
import Synchronization

/// Where a program is, for other threads to look at while it runs.
public final class ProgramProgress: Sendable {
    private let operations: [String]
    private let index = Atomic(notRunning)

    init(operations: [String]) {
        self.operations = operations
    }

    /// The operation being run, by its number in the program and its name, such as "matrixMultiply fc1"; nil while the
    /// program does not run.
    public var operation: (index: Int, name: String)? {
        let index = index.load(ordering: .relaxed)
        return index == notRunning ? nil : (index, operations[index])
    }

    /// The number of operations.
    public var count: Int { operations.count }

    /// One relaxed store: it costs a step nothing that could be measured, and allocates nothing.
    func move(to index: Int) { self.index.store(index, ordering: .relaxed) }

    func end() { move(to: notRunning) }
}

private let notRunning = -1
