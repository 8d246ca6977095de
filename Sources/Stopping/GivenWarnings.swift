import Synchronization
import SystemPackage

/// The files that a run has warned of: it listens anew for each of its parts, and gives each warning once.
package final class GivenWarnings: Sendable {
    private let paths = Mutex(Set<FilePath>())

    /// Begins without any.
    package init() {}

    /// Notes a warning; false if it was given before.
    func note(_ path: FilePath) -> Bool { paths.withLock { $0.insert(path).inserted } }
}
