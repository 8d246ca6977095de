public import Checkpoints
public import SystemPackage

/// A set that readers find from now on.
public struct PublishedSet: Sendable {
    /// What it is.
    public let manifest: Manifest

    /// Where its manifest lies.
    public let directory: FilePath

    /// From the begin of the save to here; with an asynchronous one, the steps made meanwhile are in it.
    public let duration: Duration

    /// Whether the run went on while its files were written.
    public var isAsynchronous = false

    /// The path of its manifest.
    public var path: FilePath { directory.appending("\(manifest.name).manifest.json") }
}
