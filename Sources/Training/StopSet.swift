package import Stopping
package import SystemPackage

/// The set that a stop leaves, so that nobody else saves the same state again.
package struct StopSet {
    /// Where it will lie.
    package let directory: FilePath

    /// Whether a stop for a reason leaves it.
    package let isSaved: (StopReason) -> Bool

    /// Describes it.
    package init(directory: FilePath, isSaved: @escaping (StopReason) -> Bool) {
        self.directory = directory
        self.isSaved = isSaved
    }
}
