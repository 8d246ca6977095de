public import Collectives

/// Why MPI could not be started.
public enum MPIStartError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It was started before in this process; MPI cannot be started twice, not even after its end.
    case alreadyInitialized

    /// `MPI_Init_thread` returned this code.
    case notStarted(code: Int)

    /// MPI offers this thread level (`MPI_THREAD_SINGLE` is 0); `MPI_THREAD_FUNNELED`, 1, is the least allowed.
    case threadLevel(provided: Int)

    /// MPI was started, but the world cannot be used.
    case unusableWorld(CollectiveError)

    /// One sentence that says what is wrong.
    public var description: String {
        switch self {
        case .alreadyInitialized: "MPI was already initialised in this process; that is possible only once"
        case .notStarted(let code): "MPI_Init_thread failed with code \(code)"
        case .threadLevel(let provided): "MPI offers thread level \(provided), but at least 1 (funneled) is needed"
        case .unusableWorld(let error): "MPI was started, but \(error)"
        }
    }
}
