public import Files
import Synchronization
public import SystemPackage

/// The files of a run, with drills at the operations of loading and saving.
///
/// A save begins, on every rank, where it makes sure that the directory is there; its operations count from then on, as
/// far as they change something: how often a run looks for requests to stop depends on the time. A rank loads when it
/// opens a file before its first step.
public final class DrillFileSystem: ForwardingFileSystem {
    private struct State {
        var saves = 0
        var operation = 0
    }

    /// The files themselves.
    public let base: any FileSystem

    private let directory: FilePath
    private let runner: DrillRunner
    private let state = Mutex(State())

    /// Wraps the files that a run uses to load from and save to `directory`.
    public init(_ base: any FileSystem, directory: FilePath, runner: DrillRunner) {
        self.base = base
        self.directory = directory.lexicallyNormalized()
        self.runner = runner
    }

    /// Does the drills of an operation before it.
    public func perform<Result>(
        _ operation: FileOperation, _ path: FilePath, _ body: () throws(FileError) -> Result
    ) throws(FileError) -> Result {
        let moment = operation.isChange ? change(operation, path) : load(operation, path)
        if let moment { try runner.reach(moment, operation.rawValue, path) }
        return try body()
    }

    private func load(_ operation: FileOperation, _ path: FilePath) -> Drill.Moment? {
        operation == .open && !runner.isTraining && path.starts(with: directory) ? .load : nil
    }

    private func change(_ operation: FileOperation, _ path: FilePath) -> Drill.Moment? {
        // While a run trains it makes sure of its directory once a save.
        let begins = operation == .makeDirectory && runner.isTraining && path.lexicallyNormalized() == directory
        return state.withLock { state in
            if begins { state = State(saves: state.saves + 1) }
            guard state.saves > 0 else { return nil }
            state.operation += 1
            return .save(state.saves, operation: state.operation)
        }
    }
}
