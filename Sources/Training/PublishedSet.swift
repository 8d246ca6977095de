public import Checkpoints
public import SystemPackage

/// A set that readers find from now on.
public struct PublishedSet: Sendable {
    /// What it is: on rank 0 with all its files, on the others with those that they have written.
    public let manifest: Manifest

    /// Where its manifest lies.
    public let directory: FilePath

    /// From the begin of the save to here; with an asynchronous one, the steps made meanwhile are in it.
    public let duration: Duration

    /// Whether the run went on while its files were written.
    public let isAsynchronous: Bool

    /// Describes a set that was just published.
    package init(manifest: Manifest, directory: FilePath, duration: Duration, isAsynchronous: Bool = false) {
        self.manifest = manifest
        self.directory = directory
        self.duration = duration
        self.isAsynchronous = isAsynchronous
    }

    /// The path of its manifest.
    public var path: FilePath { directory.appending(SetNames.manifest(of: manifest.name)) }
}
