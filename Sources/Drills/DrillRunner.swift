public import Files
import Synchronization
public import SystemPackage

/// Does the drills of one rank when their moments come: each once, those of every step at every step.
///
/// Steps come from the main thread, and saves perhaps from another one.
public final class DrillRunner: Sendable {
    private struct State {
        var isDone: [Bool]
        var isTraining = false
        var wantsStop = false
    }

    private let drills: [Drill]
    private let effects: DrillEffects
    private let state: Mutex<State>

    /// Makes a runner of those drills that this rank does; `file` asks for a stop in `configFile`, and `halt` in the
    /// directory of the run, both of `files`.
    ///
    /// - Throws: ``DrillError`` if there is no such rank, configuration file or directory; on all ranks alike.
    public convenience init(
        _ drills: [Drill], rank: Int, of ranks: Int, configFile: FilePath? = nil, runDirectory: FilePath? = nil,
        files: any FileSystem = LocalFileSystem(), surroundings: any Surroundings = .system
    ) throws(DrillError) {
        for drill in drills {
            guard drill.rank < ranks else { throw .rank(drill, ranks: ranks) }
            guard drill.action != .file || configFile != nil else {
                throw .impossible(drill.description, "the run has no configuration file")
            }
            guard drill.action != .halt || runDirectory != nil else {
                throw .impossible(drill.description, "the run has no directory")
            }
        }
        self.init(
            drills.filter { $0.rank == rank },
            effects: .real(configFile: configFile, runDirectory: runDirectory, files: files, in: surroundings))
    }

    init(_ drills: [Drill], effects: DrillEffects) {
        self.drills = drills
        self.effects = effects
        state = Mutex(State(isDone: Array(repeating: false, count: drills.count)))
    }

    /// Whether a drill has asked for a stop.
    package var wantsStop: Bool { state.withLock { $0.wantsStop } }

    /// Whether the first step has begun; before it files are only read.
    package var isTraining: Bool {
        get { state.withLock { $0.isTraining } }
        set { state.withLock { $0.isTraining = newValue } }
    }

    /// Does what is to be done at this moment.
    ///
    /// - Throws: ``DrilledError`` for `throw`.
    public func reach(_ moment: Drill.Moment) throws {
        for drill in due(at: moment) {
            if drill.action == .error { throw DrilledError(drill: drill) }
            try act(drill)
        }
    }

    /// Does what is to be done at an operation on a file.
    func reach(_ moment: Drill.Moment, _ operation: String, _ path: FilePath) throws(FileError) {
        for drill in due(at: moment) {
            switch drill.action {
            case .diskFull: throw FileError(operation, path, .noSpace)
            case .inputOutputError: throw FileError(operation, path, .ioError)
            case .error: throw FileError(operation, path, reason: DrilledError(drill: drill).description)
            default: try act(drill)
            }
        }
    }

    private func act(_ drill: Drill) throws(FileError) {
        switch drill.action {
        case .signal(let number): effects.signal(drill.target, number)
        case .slow, .stall: effects.sleep(drill.duration)
        case .stop: state.withLock { $0.wantsStop = true }
        case .file: try effects.writeConfigFile()
        case .halt: try effects.requestHalt()
        case .diskFull, .inputOutputError, .error: fatalError("\(drill) is thrown, not done")
        }
    }

    private func due(at moment: Drill.Moment) -> [Drill] {
        let due = state.withLock { state in
            drills.indices.filter { index in
                guard drills[index].moment == moment, !state.isDone[index] else { return false }
                state.isDone[index] = moment != .everyStep
                return true
            }.map { drills[$0] }
        }
        for drill in due where moment != .everyStep { effects.say("drill: \(drill)") }
        return due
    }
}

/// What `throw` throws.
public struct DrilledError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The drill that it is of.
    public let drill: Drill

    /// One sentence.
    public var description: String { "the drill \(drill) throws" }
}
