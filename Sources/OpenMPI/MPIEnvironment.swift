import CMPI
public import Collectives
import Glibc

/// MPI in this process, from its start in `init` to its end in ``finalize()``.
///
/// Make one, on the main thread, and make all calls to its communicators there too (`MPI_THREAD_FUNNELED`).
public final class MPIEnvironment {
    /// All ranks of this run (`MPI_COMM_WORLD`).
    public let world: MPICommunicator

    private var isEnded = false

    /// Starts MPI (`MPI_Init_thread`).
    public convenience init() throws(MPIStartError) {
        try self.init(largestCount: Int(Int32.max))
    }

    /// Starts MPI; no call carries more than `largestCount` elements, which tests lower to see calls being split.
    package init(largestCount: Int) throws(MPIStartError) {
        var isInitialized: Int32 = 0
        unsafe MPI_Initialized(&isInitialized)
        guard isInitialized == 0 else { throw .alreadyInitialized }

        let needed = Int32(MPI_THREAD_FUNNELED)
        var provided: Int32 = 0
        let code = unsafe MPI_Init_thread(nil, nil, needed, &provided)
        guard code == MPI_SUCCESS else { throw .notStarted(code: Int(code)) }
        guard provided >= needed else {
            MPI_Finalize()
            throw .threadLevel(provided: Int(provided))
        }
        do throws(CollectiveError) {
            unsafe world = try MPICommunicator(cmpi_comm_world(), name: "world", largestCount: largestCount)
        } catch {
            throw .unusableWorld(error)
        }
    }

    deinit {
        // Nobody is left to hear of a failure here; to learn of one, call `finalize` before.
        try? finalize()
    }

    /// Whether Open MPI's mpirun, or another launcher by PMIx or PMI, started this process.
    public static var isUnderLauncher: Bool {
        let variables = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"]
        return variables.contains { (name: String) in unsafe getenv(name) != nil }
    }

    /// Ends MPI (`MPI_Finalize`); it waits for all ranks. A second call does nothing.
    ///
    /// A rank that fails while others may wait for it must call ``abort(code:)`` instead.
    public func finalize() throws(CollectiveError) {
        guard !isEnded else { return }
        isEnded = true
        let code = MPI_Finalize()
        // MPI_Error_string may not be called any more, so the code has to do.
        guard code == MPI_SUCCESS else {
            throw CollectiveError(
                call: "MPI_Finalize", rank: world.rank, communicator: world.name, reason: "it returned code \(code)")
        }
    }

    /// Ends all ranks at once (`MPI_Abort`); `mpirun` then exits with `code`.
    public func abort(code: Int32) -> Never {
        unsafe MPI_Abort(world.handle, code)
        fatalError("MPI_Abort returned to its caller")
    }

    /// Whether MPI has ended in this process, after which no call of it is allowed.
    static var isFinalized: Bool {
        var flag: Int32 = 0
        unsafe MPI_Finalized(&flag)
        return flag != 0
    }
}
