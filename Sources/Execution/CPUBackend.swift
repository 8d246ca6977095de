import Graphs
import Kernels
import Memory

/// The processor cores that a rank computes on; shared by all its programs.
public final class CPUBackend: Sendable {
    let pool: ThreadPool

    /// How many threads compute, the calling one included.
    public let threads: Int

    /// What records what the programs do; nil if nobody wants to know.
    public let profile: Profile?

    /// Starts the threads. Results do not depend on their number.
    public init(threads: Int = 1, profile: Profile? = nil) {
        insist(threads >= 1, "a backend needs at least one thread, not \(threads)")
        self.threads = threads
        self.profile = profile
        pool = ThreadPool(threads: threads)
    }
}
